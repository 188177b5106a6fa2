//! Authenticators that show codes (TOTP, RFC 6238), and recovery codes for who lost one.

use ring::digest::{SHA256, digest};
use runtime::secrets::Secret;
use sea_orm::ConnectionTrait;
use totp_rs::{Algorithm, Builder};

use crate::access::Labels;
use crate::base::Base;
use crate::lockouts::{Lockouts, Subject};
use crate::ports::News;
use crate::sessions::Amr;
use crate::store::{totp as store, user as user_store};
use crate::user::{User, UserId, UserState};
use crate::{Error, Refusal};

/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;

/// RFC 4226, section 4, recommends 160 bits.
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;
const DIGITS: usize = 6;
/// 80 bits: nobody guesses them, so a plain hash guards them at rest.
const RECOVERY_CHARS: usize = 16;
const RECOVERY_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What an authenticator app is told.
#[derive(Debug)]
pub struct Enrolment {
    /// `otpauth://totp/…`, mostly shown as a QR code.
    pub uri: Secret<String>,
    /// The secret in base32, to be typed where there is no camera.
    pub secret: Secret<String>,
}

/// The authenticators of all users.
#[derive(Debug)]
pub struct Totp {
    base: Base,
    lockouts: Lockouts,
    labels: Labels,
    site_name: String,
}

impl Totp {
    pub(crate) fn new(base: Base, lockouts: Lockouts, labels: Labels, site_name: &str) -> Self {
        // An issuer may not have colons.
        Self { base, lockouts, labels, site_name: site_name.replace(':', " ") }
    }

    /// Whether codes are asked of the user.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_on(&self, user: UserId) -> Result<bool, Error> {
        let row = store::find(self.base.db.read(), user).await?;
        Ok(row.is_some_and(|row| row.confirmed_at_us.is_some()))
    }

    /// Makes a new secret for a user, which takes effect when it is [confirmed](Self::confirm); one that was not is void.
    ///
    /// # Errors
    /// [`Refusal::TotpOn`], [`Refusal::NoSuchUser`], or the database's.
    pub async fn enrol(&self, user: UserId, now_us: u64) -> Result<Enrolment, Error> {
        let mut secret = Secret::new([0; SECRET_BYTES]);
        self.base.random.fill(secret.expose_mut());
        let sealed = self.base.sealing.seal(&*self.base.random, &sealed_to(user), secret.expose());
        let write = self.base.db.begin().await?;
        let owner = user_store::lock(&write, user).await?.filter(|owner| owner.state == UserState::Active);
        let owner = owner.ok_or(Refusal::NoSuchUser)?;
        if store::lock(&write, user).await?.is_some_and(|row| row.confirmed_at_us.is_some()) {
            return Err(Refusal::TotpOn.into());
        }
        store::delete(&write, user).await?;
        store::insert(&write, user, sealed, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        let name = owner.email.unwrap_or_else(|| owner.uid.to_string()).replace(':', "");
        let totp = authenticator(secret.expose(), Some((&self.site_name, &name)))?;
        let uri =
            totp.to_url().map_err(|error| Error::Internal(format!("the address of an authenticator: {error}")))?;
        Ok(Enrolment { uri: Secret::new(uri), secret: Secret::new(totp.secret().to_base32()) })
    }

    /// Turns codes on with the first one, and gives the recovery codes: nobody can show them again. The level of who has the label `otp`
    /// may rise.
    ///
    /// # Errors
    /// [`Refusal::TotpOff`] without a new secret, [`Refusal::TotpOn`], [`Refusal::Code`], [`Refusal::TooManyAttempts`], or the database's.
    pub async fn confirm(&self, user: UserId, code: &str, now_us: u64) -> Result<Vec<Secret<String>>, Error> {
        let subject = self.lockouts.codes(user);
        self.lockouts.demand(std::slice::from_ref(&subject), now_us).await?;
        let write = self.base.db.begin().await?;
        let owner = user_store::lock(&write, user).await?.ok_or(Refusal::NoSuchUser)?;
        let row = store::lock(&write, user).await?.ok_or(Refusal::TotpOff)?;
        if row.confirmed_at_us.is_some() {
            return Err(Refusal::TotpOn.into());
        }
        self.check(&write, user, &row, code, now_us).await?;
        store::confirm(&write, user, now_us).await?;
        let codes = self.new_codes(&write, user).await?;
        self.labels.set_in(&write, user, "otp", "enabled", now_us).await?;
        self.base.notify(&write, &owner, News::TotpOn, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(user);
        self.lockouts.forgive(&subject).await?;
        Ok(codes)
    }

    /// Checks a code of the authenticator, or a recovery code; each is good once. Attempts are limited, whatever they are.
    ///
    /// # Errors
    /// [`Refusal::TotpOff`], [`Refusal::Code`], [`Refusal::TooManyAttempts`], or the database's.
    pub async fn verify(&self, user: &User, code: &str, now_us: u64) -> Result<Amr, Error> {
        let subject = self.lockouts.codes(user.id);
        self.admit(user, &subject, now_us).await?;
        let write = self.base.db.begin().await?;
        let row = store::lock(&write, user.id).await?.filter(|row| row.confirmed_at_us.is_some());
        let row = row.ok_or(Refusal::TotpOff)?;
        let amr = if is_code(code) {
            self.check(&write, user.id, &row, code, now_us).await?;
            Amr::Otp
        } else {
            let hash = recovery_hash(user.id, code).ok_or(Refusal::Code)?;
            if !store::use_code(&write, user.id, &hash, now_us).await? {
                return Err(Refusal::Code.into());
            }
            let left = u32::try_from(store::codes_left(&write, user.id).await?).unwrap_or(u32::MAX);
            self.base.notify(&write, user, News::RecoveryCodeUsed { left }, now_us).await?;
            Amr::Recovery
        };
        write.commit().await?;
        // A code that a loss of power forgets could be used again.
        self.base.db.make_durable().await?;
        self.lockouts.forgive(&subject).await?;
        Ok(amr)
    }

    /// Turns codes off, for who shows one. The label `otp` goes with it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn disable(&self, user: &User, code: &str, now_us: u64) -> Result<(), Error> {
        self.verify(user, code, now_us).await?;
        self.remove(user, now_us).await
    }

    /// Turns codes off without one: for an administrator, after the user has proved who he is in another way.
    ///
    /// # Errors
    /// The database's.
    pub async fn remove(&self, user: &User, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        user_store::lock(&write, user.id).await?;
        store::delete(&write, user.id).await?;
        self.labels.remove_in(&write, user.id, "otp", now_us).await?;
        self.base.notify(&write, user, News::TotpOff, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(user.id);
        Ok(())
    }

    /// Makes new recovery codes, for who shows a code; the old ones are void.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn renew_recovery_codes(
        &self,
        user: &User,
        code: &str,
        now_us: u64,
    ) -> Result<Vec<Secret<String>>, Error> {
        self.verify(user, code, now_us).await?;
        let write = self.base.db.begin().await?;
        store::lock(&write, user.id).await?.ok_or(Refusal::TotpOff)?;
        let codes = self.new_codes(&write, user.id).await?;
        self.base.notify(&write, user, News::RecoveryCodes, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        Ok(codes)
    }

    async fn admit(&self, user: &User, subject: &Subject, now_us: u64) -> Result<(), Error> {
        crate::sign_in::admit(&self.base, &self.lockouts, std::slice::from_ref(subject), Some(user), now_us).await
    }

    async fn check(
        &self,
        write: &impl ConnectionTrait,
        user: UserId,
        row: &store::Model,
        code: &str,
        now_us: u64,
    ) -> Result<(), Error> {
        let secret = self.base.sealing.open(&sealed_to(user), &row.sealed_secret);
        let secret = secret.map_err(|error| Error::UnusableUser { id: user.0, reason: error.to_string() })?;
        let totp = authenticator(secret.expose(), None)?;
        let step = if is_code(code) { totp.check(code, now_us / 1_000_000) } else { None };
        // Of two requests with one code at the same moment, one changes the row.
        match step {
            Some(step) if store::use_step(write, user, step).await? => Ok(()),
            _ => Err(Refusal::Code.into()),
        }
    }

    async fn new_codes(&self, write: &impl ConnectionTrait, user: UserId) -> Result<Vec<Secret<String>>, Error> {
        store::delete_codes(write, user).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = self.new_code();
            let hash = recovery_hash(user, code.expose());
            let hash = hash.ok_or_else(|| Error::Internal("a new recovery code is none".to_owned()))?;
            store::insert_code(write, user, hash).await?;
            codes.push(code);
        }
        Ok(codes)
    }

    /// Four groups of four letters.
    fn new_code(&self) -> Secret<String> {
        let mut bytes = Secret::new([0; RECOVERY_CHARS]);
        self.base.random.fill(bytes.expose_mut());
        let mut code = String::with_capacity(RECOVERY_CHARS + 3);
        for (index, byte) in bytes.expose().iter().enumerate() {
            if index > 0 && index % 4 == 0 {
                code.push('-');
            }
            code.push(char::from(RECOVERY_LETTERS[usize::from(byte % 32)]));
        }
        Secret::new(code)
    }
}

fn is_code(code: &str) -> bool {
    code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// What is stored of a recovery code, however it is typed. `None`: it cannot be one.
fn recovery_hash(user: UserId, code: &str) -> Option<String> {
    if code.len() > 2 * RECOVERY_CHARS {
        return None;
    }
    let letters: String = code.chars().filter(|letter| !matches!(letter, '-' | ' ')).collect::<String>().to_lowercase();
    let valid = letters.len() == RECOVERY_CHARS && letters.bytes().all(|byte| RECOVERY_LETTERS.contains(&byte));
    valid.then(|| hex::encode(digest(&SHA256, format!("{}:{letters}", user.0).as_bytes())))
}

/// SHA-1, because several authenticators ignore any other; in an HMAC it is sound (RFC 4226, appendix B.2).
fn authenticator(secret: &[u8], owner: Option<(&str, &str)>) -> Result<totp_rs::Totp, Error> {
    let (issuer, name) = owner.unwrap_or(("x", "x"));
    let builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.to_vec())
        .with_account_name(name)
        .with_issuer(Some(issuer));
    builder.build().map_err(|error| Error::Internal(format!("an authenticator: {error}")))
}

fn sealed_to(user: UserId) -> Vec<u8> {
    format!("totp:{}", user.0).into_bytes()
}
