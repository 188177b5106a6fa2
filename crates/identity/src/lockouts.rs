//! Who guesses is locked out: per user and per address, in SQL, so that all processes count together.
//!
//! An attempt is paid for before it is made, and the payment given back when it succeeds: a thousand guesses sent at once find as few
//! open doors as a thousand sent one after the other. The count is a debt that shrinks with time (the generic cell rate algorithm), which
//! is a sliding window without a list of attempts.

use std::net::IpAddr;

use db::Db;
use ring::digest::{SHA256, digest};
use runtime::config;

use crate::email::Email;
use crate::store::lockout as store;
use crate::user::UserId;
use crate::{Error, Refusal};

/// A lock that ended so long ago is forgotten: the next one is a first one again.
const FORGET_US: u64 = 24 * 3_600 * 1_000_000;
/// Letters to one address in the window, whoever asks for them.
const LETTERS: u32 = 5;
const LETTERS_WINDOW_US: u64 = 3_600 * 1_000_000;

/// What is counted of one subject.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// When all attempts are paid off.
    pub(crate) debt_until_us: u64,
    /// Locks in a row.
    pub(crate) locks: u32,
    pub(crate) locked_until_us: u64,
}

/// How much is too much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    attempts: u32,
    window_us: u64,
    first_us: u64,
    longest_us: u64,
}

/// Why an attempt was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lock {
    until_us: u64,
    /// This attempt was the one that brought it about.
    fresh: bool,
}

impl Bucket {
    fn charge(&mut self, rule: &Rule, now_us: u64) -> Result<(), Lock> {
        if now_us < self.locked_until_us {
            return Err(Lock { until_us: self.locked_until_us, fresh: false });
        }
        let debt_us = self.debt_until_us.max(now_us) + rule.price_us();
        if debt_us <= now_us + rule.window_us {
            self.debt_until_us = debt_us;
            return Ok(());
        }
        if now_us > self.locked_until_us.saturating_add(FORGET_US) {
            self.locks = 0;
        }
        let length_us = rule.first_us.saturating_mul(1 << self.locks.min(30)).min(rule.longest_us);
        *self =
            Self { debt_until_us: now_us, locks: self.locks.saturating_add(1), locked_until_us: now_us + length_us };
        Err(Lock { until_us: self.locked_until_us, fresh: true })
    }

    fn refund(&mut self, rule: &Rule) {
        self.debt_until_us = self.debt_until_us.saturating_sub(rule.price_us());
    }
}

impl Rule {
    /// Of letters and text messages.
    const MESSAGES: Self = Self {
        attempts: LETTERS,
        window_us: LETTERS_WINDOW_US,
        first_us: LETTERS_WINDOW_US,
        longest_us: LETTERS_WINDOW_US,
    };

    fn price_us(&self) -> u64 {
        self.window_us / u64::from(self.attempts)
    }
}

/// Somebody or something that attempts are counted of.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    key: String,
    rule: Rule,
}

/// Whether an attempt may be made.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It may, and is paid for.
    Admitted,
    /// Too many were made.
    Locked {
        until_us: u64,
        /// The first of the given subjects was locked by this attempt: its owner should be told.
        tell_owner: bool,
    },
}

/// Counts attempts.
#[derive(Debug, Clone)]
pub struct Lockouts {
    db: Db,
    user: Rule,
    address: Rule,
}

impl Lockouts {
    /// By the settings.
    pub fn new(db: Db, settings: &config::Lockout) -> Self {
        let rule = |attempts| Rule {
            attempts,
            window_us: settings.window_minutes * 60_000_000,
            first_us: settings.first_seconds * 1_000_000,
            longest_us: settings.longest_seconds.max(settings.first_seconds) * 1_000_000,
        };
        Self { db, user: rule(settings.attempts), address: rule(settings.attempts_per_address) }
    }

    /// Passwords for this address of e-mail, whether anybody has it or not: locks must not tell.
    pub(crate) fn password(&self, email: &Email) -> Subject {
        Subject { key: format!("password:{}", hashed(email.key())), rule: self.user }
    }

    /// Whatever fails from this address of the network. Of IPv6 a customer has 64 bits, so these count as one.
    pub(crate) fn address(&self, ip: IpAddr) -> Subject {
        Subject { key: format!("address:{}", network(ip, 32, 64)), rule: self.address }
    }

    /// Codes of a user's authenticator, and recovery codes.
    pub(crate) fn codes(&self, user: UserId) -> Subject {
        Subject { key: format!("codes:{}", user.0), rule: self.user }
    }

    /// Codes that were sent to a user's phone.
    pub(crate) fn phone_codes(&self, user: UserId) -> Subject {
        Subject { key: format!("phone:{}", user.0), rule: self.user }
    }

    /// Letters to an address that anybody may ask for.
    pub(crate) fn letters(&self, email: &Email) -> Subject {
        Subject { key: format!("letters:{}", hashed(email.key())), rule: Rule::MESSAGES }
    }

    /// Messages to a user's phones, which cost money.
    pub(crate) fn texts(&self, user: UserId) -> Subject {
        Subject { key: format!("texts:{}", user.0), rule: Rule::MESSAGES }
    }

    /// Messages to a number, whoever asks for them: it may be somebody's who wants peace. `mark` stands for the number.
    pub(crate) fn texts_to(&self, mark: &str) -> Subject {
        Subject { key: format!("texts-to:{}", hashed(mark)), rule: Rule::MESSAGES }
    }

    /// Pays for an attempt at all of these, or at none.
    pub(crate) async fn charge(&self, subjects: &[Subject], now_us: u64) -> Result<Admission, Error> {
        let write = self.db.begin().await?;
        // In one order everywhere, so that no two wait for each other.
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        order.sort_by_key(|index| &subjects[*index].key);
        let mut buckets = Vec::with_capacity(subjects.len());
        let mut locked = None;
        for index in order {
            let subject = &subjects[index];
            let mut bucket = store::lock(&write, &subject.key).await?;
            if let Err(lock) = bucket.charge(&subject.rule, now_us) {
                locked = locked.or(Some((index, lock, bucket)));
            }
            buckets.push((index, bucket));
        }
        if let Some((index, lock, bucket)) = locked {
            if lock.fresh {
                store::save(&write, &subjects[index].key, bucket).await?;
                write.commit().await?;
            }
            return Ok(Admission::Locked { until_us: lock.until_us, tell_owner: lock.fresh && index == 0 });
        }
        for (index, bucket) in buckets {
            store::save(&write, &subjects[index].key, bucket).await?;
        }
        write.commit().await?;
        Ok(Admission::Admitted)
    }

    /// As [`charge`](Self::charge), where nobody is to be told.
    pub(crate) async fn demand(&self, subjects: &[Subject], now_us: u64) -> Result<(), Error> {
        match self.charge(subjects, now_us).await? {
            Admission::Admitted => Ok(()),
            Admission::Locked { until_us, .. } => Err(Refusal::TooManyAttempts { until_us }.into()),
        }
    }

    /// Gives back the price of one attempt, which succeeded.
    pub(crate) async fn refund(&self, subject: &Subject) -> Result<(), Error> {
        let write = self.db.begin().await?;
        let mut bucket = store::lock(&write, &subject.key).await?;
        bucket.refund(&subject.rule);
        store::save(&write, &subject.key, bucket).await?;
        Ok(write.commit().await?)
    }

    /// Forgets all attempts of a subject.
    pub(crate) async fn forgive(&self, subject: &Subject) -> Result<(), Error> {
        let write = self.db.begin().await?;
        store::delete(&write, &subject.key).await?;
        Ok(write.commit().await?)
    }

    /// Forgets what has been quiet for a day. Call it about every hour.
    ///
    /// # Errors
    /// The database's.
    pub async fn purge(&self, now_us: u64) -> Result<u64, Error> {
        let write = self.db.begin().await?;
        let purged = store::purge(&write, now_us.saturating_sub(FORGET_US)).await?;
        write.commit().await?;
        Ok(purged)
    }
}

/// The address of a network, cut to its first bits.
pub(crate) fn network(ip: IpAddr, v4_bits: u32, v6_bits: u32) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4((ip.to_bits() & u32::MAX.checked_shl(32 - v4_bits).unwrap_or(0)).into()),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & u128::MAX.checked_shl(128 - v6_bits).unwrap_or(0)).into()),
    }
}

/// Addresses of people do not stand in this table: it is kept even when they are gone.
fn hashed(text: &str) -> String {
    hex::encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_US: u64 = 60_000_000;
    const RULE: Rule = Rule { attempts: 3, window_us: 15 * MINUTE_US, first_us: MINUTE_US, longest_us: 5 * MINUTE_US };
    const START_US: u64 = 1_700_000_000_000_000;

    #[test]
    fn locks_come_after_the_allowed_attempts_and_grow() {
        let (mut bucket, mut now_us) = (Bucket::default(), START_US);
        for length in [1, 2, 4, 5, 5] {
            for _ in 0..3 {
                bucket.charge(&RULE, now_us).unwrap();
            }
            let until_us = now_us + length * MINUTE_US;
            assert_eq!(bucket.charge(&RULE, now_us), Err(Lock { until_us, fresh: true }));
            assert_eq!(bucket.charge(&RULE, until_us - 1), Err(Lock { until_us, fresh: false }));
            now_us = until_us;
        }
        // A quiet day later it is a first one again.
        now_us += FORGET_US + 1;
        for _ in 0..3 {
            bucket.charge(&RULE, now_us).unwrap();
        }
        assert_eq!(bucket.charge(&RULE, now_us), Err(Lock { until_us: now_us + MINUTE_US, fresh: true }));
    }

    #[test]
    fn the_window_slides() {
        let mut bucket = Bucket::default();
        for attempt in 0..100 {
            bucket.charge(&RULE, START_US + attempt * 5 * MINUTE_US).unwrap();
        }
        let mut bucket = Bucket::default();
        let admitted = (0..100).take_while(|attempt| bucket.charge(&RULE, START_US + attempt * 4 * MINUTE_US).is_ok());
        assert!((3..15).contains(&admitted.count()));
    }

    #[test]
    fn what_is_given_back_may_be_spent_again() {
        let mut bucket = Bucket::default();
        for _ in 0..100 {
            bucket.charge(&RULE, START_US).unwrap();
            bucket.refund(&RULE);
        }
        for _ in 0..3 {
            bucket.charge(&RULE, START_US).unwrap();
        }
        bucket.charge(&RULE, START_US).unwrap_err();
    }

    #[test]
    fn networks_are_cut() {
        for (ip, expected) in
            [("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
        {
            assert_eq!(network(ip.parse().unwrap(), 32, 64), expected.parse::<IpAddr>().unwrap());
        }
        assert_eq!(network("10.1.2.3".parse().unwrap(), 24, 48), "10.1.2.0".parse::<IpAddr>().unwrap());
    }
}
