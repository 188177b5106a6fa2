//! How often a job is tried, and how long it waits in between. Pure: the wait is computed once, when an attempt has failed, and
//! stored as the time of the next one.

use runtime::entropy::Random;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Attempts that a job may have at most.
pub const MOST_ATTEMPTS: u32 = 100;

/// The longest wait between two attempts: a year.
const LONGEST_US: u64 = 366 * 86_400 * 1_000_000;

/// How the wait grows from attempt to attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Always the same, in microseconds.
    Fixed(u64),
    /// Twice as long after each attempt.
    Exponential {
        /// After the first attempt, in microseconds.
        first_us: u64,
        /// Never longer than this, in microseconds.
        most_us: u64,
    },
}

/// The policy of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts in all, from 1 to [`MOST_ATTEMPTS`].
    pub attempts: u32,
    /// The wait between them.
    pub wait: Wait,
    /// By how much of it the wait is shortened at most, in percent, at random: so that jobs which failed together do not come
    /// back together. 0 to 100.
    pub jitter_percent: u32,
}

impl Default for Retry {
    /// Ten attempts over some hours: after 10 s, 20 s, 40 s, and so on up to an hour, each up to a fifth sooner.
    fn default() -> Self {
        let wait = Wait::Exponential { first_us: 10_000_000, most_us: 3_600_000_000 };
        Self { attempts: 10, wait, jitter_percent: 20 }
    }
}

impl Retry {
    /// One attempt and no other.
    pub const fn never() -> Self {
        Self { attempts: 1, wait: Wait::Fixed(0), jitter_percent: 0 }
    }

    /// `attempts` attempts with the same wait between them, in microseconds, without jitter.
    pub const fn fixed(attempts: u32, wait_us: u64) -> Self {
        Self { attempts, wait: Wait::Fixed(wait_us), jitter_percent: 0 }
    }

    /// The longest wait after the attempt of this number, from 1 on, in microseconds.
    pub fn longest_us(&self, attempt: u32) -> u64 {
        match self.wait {
            Wait::Fixed(wait_us) => wait_us,
            Wait::Exponential { first_us, most_us } => {
                let doublings = attempt.saturating_sub(1);
                let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
                first_us.saturating_mul(factor).min(most_us)
            }
        }
    }

    /// The wait after the attempt of this number: between [`longest_us`](Self::longest_us) less the jitter, and that.
    pub fn wait_us(&self, attempt: u32, random: &dyn Random) -> u64 {
        let longest = self.longest_us(attempt);
        let spread = u128::from(longest) * u128::from(self.jitter_percent.min(100)) / 100;
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        // The high half of the product is equally likely everywhere from 0 to `spread`.
        let off = (u128::from(u64::from_le_bytes(bytes)) * (spread + 1)) >> 64;
        longest - u64::try_from(off).unwrap_or(longest).min(longest)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |why: String| Err(Error::Invalid { what: "retry", why });
        if !(1..=MOST_ATTEMPTS).contains(&self.attempts) {
            return wrong(format!("{} attempts, and there may be 1 to {MOST_ATTEMPTS}", self.attempts));
        }
        if self.jitter_percent > 100 {
            return wrong(format!("a jitter of {} percent, and there may be 0 to 100", self.jitter_percent));
        }
        let waits = match self.wait {
            Wait::Fixed(wait_us) => [wait_us, wait_us],
            Wait::Exponential { first_us, most_us } => [first_us, most_us],
        };
        if waits.iter().any(|wait_us| *wait_us > LONGEST_US) {
            return wrong("a wait of more than a year".to_owned());
        }
        Ok(())
    }
}
