//! What one address used, and whether it is banned: the rules by themselves, for the counters in memory.

use crate::Rules;

pub(crate) const MINUTE_US: u64 = 60_000_000;
/// The first ban. Each further one is twice as long.
pub(crate) const FIRST_BAN_US: u64 = 2 * MINUTE_US;
/// The longest ban. An address that was not banned for as long after its last one begins with the first again.
pub(crate) const LONGEST_BAN_US: u64 = 3 * 24 * 60 * MINUTE_US;
/// Refusals that lie further back do not count.
pub(crate) const QUIET_US: u64 = 2 * MINUTE_US;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is worked on.
    Admitted,
    /// Its address has used up the minute: status 429.
    Refused {
        /// When the next minute begins.
        until_us: u64,
    },
    /// Its address went on after refusals: status 418.
    Banned {
        /// When the ban ends.
        until_us: u64,
    },
}

/// A request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Weight that its address has used in this minute, this request included.
    pub used: u64,
}

/// One address.
#[derive(Debug, Default)]
pub(crate) struct Address {
    minute: u64,
    used: u64,
    refused: u32,
    last_refusal_us: u64,
    bans: u32,
    banned_until_us: u64,
}

impl Address {
    /// Counts a request and judges it. While an address is banned, nothing is counted.
    pub(crate) fn admit(&mut self, rules: &Rules, weight: u32, now_us: u64) -> Admission {
        self.turn(now_us);
        if self.is_banned(now_us) {
            return Admission { verdict: Verdict::Banned { until_us: self.banned_until_us }, used: self.used };
        }
        self.used = self.used.saturating_add(weight.into());
        let verdict = if !rules.limits_weight() || self.used <= rules.weight_per_minute {
            Verdict::Admitted
        } else {
            self.refuse(rules, now_us)
        };
        Admission { verdict, used: self.used }
    }

    /// Adds weight that turned out afterwards; gives what is used.
    pub(crate) fn charge(&mut self, weight: u32, now_us: u64) -> u64 {
        self.turn(now_us);
        self.used = self.used.saturating_add(weight.into());
        self.used
    }

    fn refuse(&mut self, rules: &Rules, now_us: u64) -> Verdict {
        if now_us.abs_diff(self.last_refusal_us) > QUIET_US {
            self.refused = 0;
        }
        self.refused += 1;
        self.last_refusal_us = now_us;
        if rules.refusals_before_ban == 0 || self.refused <= rules.refusals_before_ban {
            return Verdict::Refused { until_us: (now_us / MINUTE_US + 1) * MINUTE_US };
        }
        if now_us.saturating_sub(self.banned_until_us) > LONGEST_BAN_US {
            self.bans = 0;
        }
        self.banned_until_us = now_us + ban_us(self.bans);
        self.bans += 1;
        self.refused = 0;
        Verdict::Banned { until_us: self.banned_until_us }
    }

    /// A ban that ends further away than any lasts was made by a clock that was wrong.
    const fn is_banned(&self, now_us: u64) -> bool {
        now_us < self.banned_until_us && self.banned_until_us - now_us <= LONGEST_BAN_US
    }

    /// Begins a new minute. A request that took the time just before the turn of the minute does not turn it back.
    const fn turn(&mut self, now_us: u64) {
        let minute = now_us / MINUTE_US;
        if minute > self.minute || minute + 1 < self.minute {
            self.minute = minute;
            self.used = 0;
        }
    }
}

/// How long the ban after so many earlier ones lasts.
pub(crate) fn ban_us(earlier: u32) -> u64 {
    FIRST_BAN_US.checked_shl(earlier.min(16)).unwrap_or(LONGEST_BAN_US).min(LONGEST_BAN_US)
}

#[cfg(test)]
mod tests {
    use super::{Address, Admission, LONGEST_BAN_US, MINUTE_US, Verdict, ban_us};
    use crate::Rules;

    const RULES: Rules = Rules {
        weight_per_minute: 10,
        orders_per_ten_seconds: 0,
        orders_per_day: 0,
        refusals_before_ban: 2,
        max_counted: 10,
    };
    const START: u64 = 1_000 * MINUTE_US;

    fn judge(address: &mut Address, weight: u32, now_us: u64) -> Verdict {
        address.admit(&RULES, weight, now_us).verdict
    }

    #[test]
    fn a_minute_is_used_up_and_the_next_begins_anew() {
        let mut address = Address::default();
        let admitted = |used| Admission { verdict: Verdict::Admitted, used };
        assert_eq!(address.admit(&RULES, 4, START), admitted(4));
        assert_eq!(address.admit(&RULES, 6, START + 1), admitted(10));
        // What weighs nothing passes as long as nothing more than the limit was used.
        assert_eq!(address.admit(&RULES, 0, START + 2), admitted(10));
        let until_us = START + MINUTE_US;
        let refused = Admission { verdict: Verdict::Refused { until_us }, used: 11 };
        assert_eq!(address.admit(&RULES, 1, START + 3), refused);
        assert_eq!(address.admit(&RULES, 10, until_us), admitted(10));
        // Somebody read the clock a moment before the turn.
        assert_eq!(address.admit(&RULES, 0, until_us - 1), admitted(10));
        assert_eq!(address.charge(5, until_us + 1), 15);
    }

    #[test]
    fn bans_grow_for_those_that_go_on() {
        let mut address = Address::default();
        let mut now = START;
        let mut lengths = Vec::new();
        for _ in 0..14 {
            let until_us = loop {
                match judge(&mut address, 11, now) {
                    Verdict::Banned { until_us } => break until_us,
                    verdict => assert_eq!(verdict, Verdict::Refused { until_us: (now / MINUTE_US + 1) * MINUTE_US }),
                }
            };
            lengths.push((until_us - now) / MINUTE_US);
            // Whatever is asked meanwhile changes nothing.
            assert_eq!(judge(&mut address, 0, until_us - 1), Verdict::Banned { until_us });
            now = until_us;
        }
        assert_eq!(lengths, [2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 4_320, 4_320]);
        // After three quiet days it begins with two minutes again.
        now += LONGEST_BAN_US + 1;
        let until_us = loop {
            if let Verdict::Banned { until_us } = judge(&mut address, 11, now) {
                break until_us;
            }
        };
        assert_eq!(until_us - now, 2 * MINUTE_US);
        assert_eq!(ban_us(u32::MAX), LONGEST_BAN_US);
    }

    #[test]
    fn refusals_that_lie_apart_never_ban() {
        let mut address = Address::default();
        for round in 0..100 {
            let now = START + round * 3 * MINUTE_US;
            assert!(matches!(judge(&mut address, 11, now), Verdict::Refused { .. }), "{round}");
        }
    }

    #[test]
    fn a_clock_that_was_wrong_bans_nobody_for_ever() {
        let mut address = Address::default();
        let wrong = START + 100 * LONGEST_BAN_US;
        while !matches!(judge(&mut address, 11, wrong), Verdict::Banned { .. }) {}
        assert_eq!(judge(&mut address, 1, START), Verdict::Admitted);
    }
}
