//! Signing up with an address of e-mail, and verifying it.
//!
//! Nobody learns here whether an address has a user: the answer is the same, and so is the work that is worth measuring, one hash of a
//! password. Only the letter differs, and that goes to whoever has the mailbox.

use std::sync::Arc;

use runtime::secrets::Secret;
use sea_orm::DatabaseTransaction;

use crate::access::Labels;
use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::email::Email;
use crate::lockouts::{Admission, Lockouts};
use crate::one_time::{self, Purpose};
use crate::passwords::Passwords;
use crate::ports::{Device, News};
use crate::store::user as user_store;
use crate::user::{User, UserState};
use crate::users::{NewUser, Users};
use crate::{Error, Refusal};

/// Lets people in for the first time.
#[derive(Debug)]
pub struct SignUp {
    base: Base,
    users: Users,
    passwords: Arc<Passwords>,
    lockouts: Lockouts,
    labels: Labels,
    activity: Activity,
    site_name: String,
}

impl SignUp {
    pub(crate) fn new(
        base: Base,
        users: Users,
        passwords: Arc<Passwords>,
        lockouts: Lockouts,
        labels: Labels,
        activity: Activity,
        site_name: &str,
    ) -> Self {
        Self { base, users, passwords, lockouts, labels, activity, site_name: site_name.to_owned() }
    }

    /// Asks for a user of this address. A letter goes to it: with the token for [`verify`](Self::verify), or, if it has a user already,
    /// with the news that somebody tried. The answer does not tell which.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] from this address of the network, [`Refusal::PasswordLength`], [`Refusal::PasswordWeak`],
    /// [`Refusal::PasswordBreached`], [`Refusal::Busy`], all of them before the address is looked up; or the database's.
    pub async fn request(
        &self,
        email: &Email,
        password: &Secret<String>,
        locale: &str,
        device: &Device,
        now_us: u64,
    ) -> Result<(), Error> {
        self.lockouts.demand(&[self.lockouts.address(device.ip)], now_us).await?;
        let domain = email.as_str().rsplit('@').next().unwrap_or_default();
        let words = [email.as_str(), email.local_part(), domain, self.site_name.as_str()];
        self.passwords.judge(password, &words).await?;
        let hash = self.passwords.hash(password).await?;
        if !self.may_write_to(email, now_us).await? {
            return Ok(());
        }
        let write = self.base.db.begin().await?;
        match user_store::lock_email(&write, email).await? {
            None => {
                let user = match self.users.create(&write, NewUser::pending(email, locale), now_us).await {
                    Ok(user) => user,
                    // The same address at the same moment, twice: the other one gets the letter.
                    Err(Error::Database(error)) if error.is_unique_violation() => return Ok(()),
                    Err(error) => return Err(error),
                };
                user_store::set_password(&write, user.id, &hash, now_us).await?;
                self.send_token(&write, &user, None, now_us).await?;
                let entry = Entry { device: Some(device), ..entry(&user, "sign-up") };
                self.activity.write(&write, &entry, now_us).await?;
            }
            // A letter verifies the password that was chosen with it, and no other: who signs up a stranger's address with a password of
            // his own does not get in when the stranger signs up and follows his own letter.
            Some(user) if user.state == UserState::Pending => {
                self.send_token(&write, &user, Some(&hash), now_us).await?;
            }
            Some(user) => self.base.notify(&write, &user, News::AlreadyRegistered, now_us).await?,
        }
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }

    /// Sends a pending user another letter. The answer does not tell whether there is one.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] from this address of the network, or the database's.
    pub async fn resend(&self, email: &Email, device: &Device, now_us: u64) -> Result<(), Error> {
        self.lockouts.demand(&[self.lockouts.address(device.ip)], now_us).await?;
        if !self.may_write_to(email, now_us).await? {
            return Ok(());
        }
        let write = self.base.db.begin().await?;
        let user = user_store::lock_email(&write, email).await?;
        if let Some(user) = user.filter(|user| user.state == UserState::Pending) {
            self.send_token(&write, &user, None, now_us).await?;
        }
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }

    /// Makes a pending user active by the token of its letter, and opens its account. If the engine is away, the account is opened later
    /// ([`Users::open_accounts`]).
    ///
    /// # Errors
    /// [`Refusal::Token`], or the database's.
    pub async fn verify(&self, token: &Secret<String>, device: &Device, now_us: u64) -> Result<User, Error> {
        let write = self.base.db.begin().await?;
        let presented = one_time::take(&write, Purpose::VerifyEmail, token, now_us).await?;
        let user = user_store::lock(&write, presented.user).await?.ok_or(Refusal::Token)?;
        if user.state != UserState::Pending {
            return Err(Refusal::Token.into());
        }
        if let Some(hash) = &presented.password_hash {
            user_store::set_password(&write, user.id, hash, now_us).await?;
        }
        user_store::set_state(&write, user.id, UserState::Active, now_us).await?;
        self.labels.set_in(&write, user.id, "email", "verified", now_us).await?;
        let entry = Entry { device: Some(device), ..entry(&user, "verify e-mail") };
        self.activity.write(&write, &entry, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.users.changed(user.id);
        let user = self.users.by_id(user.id).await?.ok_or(Refusal::NoSuchUser)?;
        // The user is in whether or not the engine answers at this moment.
        let _ = self.users.open_account(&user, now_us).await;
        Ok(user)
    }

    /// Deletes tokens that expired a day ago and says how many. Pending users stay: their address may still be verified by a new letter.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn purge(&self, now_us: u64) -> Result<u64, Error> {
        let write = self.base.db.begin().await?;
        let purged = one_time::purge(&write, now_us).await?;
        write.commit().await?;
        Ok(purged)
    }

    /// Whether one more letter may go to this address: anybody can ask for them.
    async fn may_write_to(&self, email: &Email, now_us: u64) -> Result<bool, Error> {
        let admission = self.lockouts.charge(&[self.lockouts.letters(email)], now_us).await?;
        Ok(matches!(admission, Admission::Admitted))
    }

    async fn send_token(
        &self,
        write: &DatabaseTransaction,
        user: &User,
        password_hash: Option<&str>,
        now_us: u64,
    ) -> Result<(), Error> {
        let expires_at_us = now_us + self.base.settings.verify_email_us();
        let times = (now_us, expires_at_us);
        let token =
            one_time::issue(write, &*self.base.random, user.id, Purpose::VerifyEmail, password_hash, times).await?;
        self.base.notify(write, user, News::VerifyEmail { token, expires_at_us }, now_us).await
    }
}

fn entry<'a>(user: &User, action: &'static str) -> Entry<'a> {
    Entry {
        user: user.id,
        actor: None,
        topic: "account",
        action,
        result: Outcome::Succeeded,
        detail: None,
        device: None,
    }
}
