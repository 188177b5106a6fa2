//! Changing a password: by who knows the old one, and by who has the mailbox.

use std::sync::Arc;

use runtime::secrets::Secret;

use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::email::Email;
use crate::lockouts::{Admission, Lockouts};
use crate::one_time::{self, Purpose};
use crate::passwords::{Checked, Passwords};
use crate::ports::{Device, News};
use crate::sessions::Sessions;
use crate::store::user as user_store;
use crate::user::{User, UserState};
use crate::{Error, Refusal};

/// Changes passwords.
#[derive(Debug)]
pub struct Resets {
    base: Base,
    passwords: Arc<Passwords>,
    lockouts: Lockouts,
    sessions: Arc<Sessions>,
    activity: Activity,
}

impl Resets {
    pub(crate) fn new(
        base: Base,
        passwords: Arc<Passwords>,
        lockouts: Lockouts,
        sessions: Arc<Sessions>,
        activity: Activity,
    ) -> Self {
        Self { base, passwords, lockouts, sessions, activity }
    }

    /// Sends a letter with a token for [`reset`](Self::reset), if the address has a user who may sign in. The answer does not tell.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] from this address of the network, or the database's.
    pub async fn request(&self, email: &Email, device: &Device, now_us: u64) -> Result<(), Error> {
        self.lockouts.demand(&[self.lockouts.address(device.ip)], now_us).await?;
        if !matches!(self.lockouts.charge(&[self.lockouts.letters(email)], now_us).await?, Admission::Admitted) {
            return Ok(());
        }
        let write = self.base.db.begin().await?;
        let user = user_store::lock_email(&write, email).await?;
        if let Some(user) = user.filter(|user| user.state == UserState::Active) {
            let expires_at_us = now_us + self.base.settings.reset_password_us();
            let times = (now_us, expires_at_us);
            let token =
                one_time::issue(&write, &*self.base.random, user.id, Purpose::ResetPassword, None, times).await?;
            self.base.notify(&write, &user, News::ResetPassword { token, expires_at_us }, now_us).await?;
        }
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }

    /// Sets a new password by the token of a letter. All sessions end, and a lock of the old password is lifted; codes of an authenticator
    /// are still asked for.
    ///
    /// # Errors
    /// [`Refusal::Token`]; what [`Passwords::judge`] says; or the database's.
    pub async fn reset(
        &self,
        token: &Secret<String>,
        password: &Secret<String>,
        device: &Device,
        now_us: u64,
    ) -> Result<(), Error> {
        let owner = one_time::peek(self.base.db.read(), Purpose::ResetPassword, token, now_us).await?;
        let owner = user_store::by_id(self.base.db.read(), owner).await?.ok_or(Refusal::Token)?;
        self.judge(&owner, password).await?;
        let hash = self.passwords.hash(password).await?;
        let write = self.base.db.begin().await?;
        let presented = one_time::take(&write, Purpose::ResetPassword, token, now_us).await?;
        let user = user_store::lock(&write, presented.user).await?.ok_or(Refusal::Token)?;
        if user.state != UserState::Active {
            return Err(Refusal::Token.into());
        }
        let ended = self.set_in(&write, &user, &hash, None, "reset", device, now_us).await?;
        write.commit().await?;
        self.sessions.forget(ended);
        self.base.db.make_durable().await?;
        if let Some(email) = user.email.as_deref().and_then(|email| Email::parse(email).ok()) {
            self.lockouts.forgive(&self.lockouts.password(&email)).await?;
        }
        Ok(())
    }

    /// Changes the password of who knows the present one. All sessions end but the one that asked.
    ///
    /// # Errors
    /// [`Refusal::SignIn`] if the present one is wrong or there is none; [`Refusal::TooManyAttempts`]; what [`Passwords::judge`] says; or
    /// the database's.
    pub async fn change(
        &self,
        user: &User,
        sid: &str,
        (present, new): (&Secret<String>, &Secret<String>),
        device: &Device,
        now_us: u64,
    ) -> Result<(), Error> {
        let email = user.email.as_deref().and_then(|email| Email::parse(email).ok()).ok_or(Refusal::SignIn)?;
        let subject = self.lockouts.password(&email);
        crate::sign_in::admit(&self.base, &self.lockouts, std::slice::from_ref(&subject), Some(user), now_us).await?;
        let stored = user_store::password_hash(self.base.db.read(), user.id).await?;
        if self.passwords.check(present, stored.as_deref()).await? == Checked::Wrong {
            return Err(Refusal::SignIn.into());
        }
        self.lockouts.forgive(&subject).await?;
        self.judge(user, new).await?;
        let hash = self.passwords.hash(new).await?;
        let write = self.base.db.begin().await?;
        let user = user_store::lock(&write, user.id).await?.filter(|user| user.state == UserState::Active);
        let user = user.ok_or(Refusal::UserState)?;
        // Who changed it meanwhile was in first.
        if user_store::password_hash(&write, user.id).await? != stored {
            return Err(Refusal::SignIn.into());
        }
        let ended = self.set_in(&write, &user, &hash, Some(sid), "change", device, now_us).await?;
        write.commit().await?;
        self.sessions.forget(ended);
        Ok(self.base.db.make_durable().await?)
    }

    async fn judge(&self, user: &User, password: &Secret<String>) -> Result<(), Error> {
        let address = user.email.as_deref().unwrap_or_default();
        let words: Vec<&str> = address.split('@').chain([address]).collect();
        self.passwords.judge(password, &words).await
    }

    #[allow(clippy::too_many_arguments, reason = "all of it belongs to one change")]
    async fn set_in(
        &self,
        write: &sea_orm::DatabaseTransaction,
        user: &User,
        hash: &str,
        except: Option<&str>,
        action: &'static str,
        device: &Device,
        now_us: u64,
    ) -> Result<Vec<String>, Error> {
        user_store::set_password(write, user.id, hash, now_us).await?;
        one_time::void(write, user.id, Purpose::ResetPassword).await?;
        let ended = self.sessions.end_all_in(write, user.id, except, "password changed", now_us).await?;
        self.base.notify(write, user, News::PasswordChanged { device: device.clone() }, now_us).await?;
        let entry = Entry {
            user: user.id,
            actor: None,
            topic: "password",
            action,
            result: Outcome::Succeeded,
            detail: None,
            device: Some(device),
        };
        self.activity.write(write, &entry, now_us).await?;
        Ok(ended)
    }
}
