//! Phones: a number is the user's when he types the code that was sent to it.

use runtime::secrets::{Secret, constant_time_eq};

use crate::access::Labels;
use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::lockouts::Lockouts;
use crate::ports::{Device, Texts};
use crate::store::{from_sql, phone as store, to_sql, user as user_store};
use crate::user::{User, UserId};
use crate::{Error, Refusal};
use std::sync::Arc;

/// Phones that one user may have.
pub const MAX_PHONES: u64 = 5;
const CODE_DIGITS: usize = 6;
/// How long a code is good.
const CODE_US: u64 = 10 * 60 * 1_000_000;

/// A phone as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// The number of its row.
    pub id: i64,
    /// The number, of which only the end is shown.
    pub masked: String,
    /// When it was verified, in microseconds since 1970.
    pub verified_at_us: Option<u64>,
    /// When it was named first.
    pub created_at_us: u64,
}

/// The phones of all users.
#[derive(Debug)]
pub struct Phones {
    base: Base,
    lockouts: Lockouts,
    labels: Labels,
    activity: Activity,
    texts: Arc<dyn Texts>,
}

impl Phones {
    pub(crate) fn new(
        base: Base,
        lockouts: Lockouts,
        labels: Labels,
        activity: Activity,
        texts: Arc<dyn Texts>,
    ) -> Self {
        Self { base, lockouts, labels, activity, texts }
    }

    /// Names a phone, or names it again, and sends a code to it.
    ///
    /// # Errors
    /// [`Refusal::Phone`], [`Refusal::TooManyPhones`], [`Refusal::TooManyAttempts`] after five messages in an hour to the number or of
    /// the user, those of the port, or the database's.
    pub async fn add(&self, user: &User, number: &str, now_us: u64) -> Result<Phone, Error> {
        let number = parse(number).ok_or(Refusal::Phone)?;
        let mark = self.mark(&number);
        self.lockouts.demand(&[self.lockouts.texts(user.id), self.lockouts.texts_to(&mark)], now_us).await?;
        let write = self.base.db.begin().await?;
        // Of two requests at once, the second sees what the first added.
        user_store::lock(&write, user.id).await?.ok_or(Refusal::NoSuchUser)?;
        let rows = store::list(&write, user.id.0, MAX_PHONES + 1).await?;
        let known = rows.iter().find(|row| row.mark == mark).cloned();
        let row = match known {
            Some(row) if row.verified_at_us.is_some() => return Ok(self.shown(row)),
            Some(row) => row,
            None if rows.len() as u64 >= MAX_PHONES => return Err(Refusal::TooManyPhones.into()),
            None => {
                let sealed = self.base.sealing.seal(&*self.base.random, &bound_to(user.id), number.as_bytes());
                store::insert(&write, user.id.0, sealed, &mark, to_sql(now_us)).await?
            }
        };
        let code = self.code();
        let hash = self.code_hash(row.id, code.expose());
        store::set_code(&write, row.id, &hash, to_sql(now_us.saturating_add(CODE_US))).await?;
        self.texts.send(&write, &number, &user.locale, code).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        Ok(self.shown(row))
    }

    /// Verifies a phone by the code that was sent to it, which raises the level where a phone is asked for.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Code`], [`Refusal::PhoneTaken`], [`Refusal::TooManyAttempts`], or the database's.
    pub async fn verify(&self, user: &User, id: i64, code: &str, device: &Device, now_us: u64) -> Result<Phone, Error> {
        let subject = self.lockouts.phone_codes(user.id);
        self.lockouts.demand(std::slice::from_ref(&subject), now_us).await?;
        let write = self.base.db.begin().await?;
        let rows = store::list(&write, user.id.0, MAX_PHONES).await?;
        let mut row = rows.into_iter().find(|row| row.id == id).ok_or(Refusal::NotFound)?;
        let live = row.code_expires_at_us.is_some_and(|until| from_sql(until) > now_us);
        let stored = row.code_hash.clone().filter(|_| live).ok_or(Refusal::Code)?;
        if !constant_time_eq(stored.as_bytes(), self.code_hash(id, code).as_bytes()) {
            return Err(Refusal::Code.into());
        }
        match store::set_verified(&write, &row, to_sql(now_us)).await.map_err(db::Error::from) {
            Err(error) if error.is_unique_violation() => return Err(Refusal::PhoneTaken.into()),
            done => done?,
        }
        self.labels.set_in(&write, user.id, "phone", "verified", now_us).await?;
        let entry = Entry {
            user: user.id,
            actor: None,
            topic: "account",
            action: "verify-phone",
            result: Outcome::Succeeded,
            detail: None,
            device: Some(device),
        };
        self.activity.write(&write, &entry, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(user.id);
        self.lockouts.forgive(&subject).await?;
        row.verified_at_us = Some(to_sql(now_us));
        Ok(self.shown(row))
    }

    /// The user's phones, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user: UserId) -> Result<Vec<Phone>, Error> {
        let rows = store::list(self.base.db.read(), user.0, MAX_PHONES).await?;
        Ok(rows.into_iter().map(|row| self.shown(row)).collect())
    }

    /// Removes a phone. With the last verified one goes the label.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or the database's.
    pub async fn remove(&self, user: UserId, id: i64, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        if !store::delete(&write, user.0, id).await? {
            return Err(Refusal::NotFound.into());
        }
        let left = store::list(&write, user.0, MAX_PHONES).await?;
        if !left.iter().any(|row| row.verified_at_us.is_some()) {
            self.labels.remove_in(&write, user, "phone", now_us).await?;
        }
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(user);
        Ok(())
    }

    fn code(&self) -> Secret<String> {
        let mut bytes = [0; 8];
        self.base.random.fill(&mut bytes);
        // Of 2^64 numbers, each of a million codes is equally likely but for one in 10^13.
        Secret::new(format!("{:0width$}", u64::from_le_bytes(bytes) % 1_000_000, width = CODE_DIGITS))
    }

    /// Six digits are soon guessed from a plain hash.
    fn code_hash(&self, id: i64, code: &str) -> String {
        hex::encode(self.base.sealing.mac(b"phone code", format!("{id} {code}").as_bytes()))
    }

    fn mark(&self, number: &str) -> String {
        hex::encode(self.base.sealing.mac(b"phone number", number.as_bytes()))
    }

    fn shown(&self, row: store::Model) -> Phone {
        let opened = self.base.sealing.open(&bound_to(UserId(row.user_id)), &row.sealed).ok();
        let number = opened.and_then(|plain| String::from_utf8(plain.expose().clone()).ok()).unwrap_or_default();
        Phone {
            id: row.id,
            masked: masked(&number),
            verified_at_us: row.verified_at_us.map(from_sql),
            created_at_us: from_sql(row.created_at_us),
        }
    }
}

fn bound_to(user: UserId) -> Vec<u8> {
    format!("identity phone {}", user.0).into_bytes()
}

/// A number in E.164: a plus, a first digit other than 0, 8 to 15 digits in all. Spaces, dashes, dots and brackets are left out.
fn parse(text: &str) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let bare: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')')).collect();
    let digits = bare.strip_prefix('+')?;
    let valid = (8..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then_some(bare)
}

fn masked(number: &str) -> String {
    match number.len().checked_sub(3) {
        Some(hidden) => format!("+{}{}", "*".repeat(hidden.saturating_sub(1)), &number[hidden..]),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{masked, parse};

    #[test]
    fn numbers_are_international() {
        assert_eq!(parse("+41 44 668-18.00").as_deref(), Some("+41446681800"));
        assert_eq!(parse("+1 (212) 555 0100").as_deref(), Some("+12125550100"));
        for wrong in
            ["", "0446681800", "+0446681800", "+1234567", "+1234567890123456", "+41x446681800", "++41446681800"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(masked("+41446681800"), "+********800");
        assert_eq!(masked(""), "");
    }
}
