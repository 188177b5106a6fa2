//! Signing in.

use std::sync::Arc;

use runtime::secrets::Secret;

use crate::access_tokens::{AccessToken, AccessTokens};
use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::email::Email;
use crate::lockouts::{Admission, Lockouts, Subject};
use crate::passwords::{Checked, Passwords};
use crate::ports::{Device, News};
use crate::sessions::{Amr, Opened, SessionInfo, Sessions};
use crate::store::user as user_store;
use crate::totp::Totp;
use crate::user::{User, UserId, UserKind, UserState};
use crate::{Error, Refusal};

/// In the log, who failed to sign in with an address that nobody has.
const NOBODY: UserId = UserId(0);

/// What somebody says to get in.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// The address.
    pub email: &'a Email,
    /// The password.
    pub password: &'a Secret<String>,
    /// A code of the authenticator, or a recovery code, if he has one.
    pub code: Option<&'a str>,
}

/// Somebody who is in.
#[derive(Debug)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// The session that began or went on.
    pub session: SessionInfo,
    /// What refreshes it, once.
    pub refresh: Secret<String>,
    /// What every request shows.
    pub access: AccessToken,
}

/// Who makes a request: what an access token, its session and its user say now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user as it is now: role and level are not those of the token.
    pub user: User,
    /// The session.
    pub sid: String,
    /// How the user proved who he is.
    pub amr: Vec<String>,
}

/// Lets people in.
#[derive(Debug)]
pub struct SignIn {
    base: Base,
    users: crate::users::Users,
    passwords: Arc<Passwords>,
    lockouts: Lockouts,
    sessions: Arc<Sessions>,
    tokens: Arc<AccessTokens>,
    totp: Arc<Totp>,
    activity: Activity,
}

impl SignIn {
    #[allow(clippy::too_many_arguments, reason = "signing in is where all of it meets")]
    pub(crate) fn new(
        base: Base,
        users: crate::users::Users,
        passwords: Arc<Passwords>,
        lockouts: Lockouts,
        sessions: Arc<Sessions>,
        tokens: Arc<AccessTokens>,
        totp: Arc<Totp>,
        activity: Activity,
    ) -> Self {
        Self { base, users, passwords, lockouts, sessions, tokens, totp, activity }
    }

    /// With a password, and a code where the user has an authenticator. An address without a user costs the same hash and gets the same
    /// answer as a wrong password; so does a lock, which is counted by the address whether or not somebody has it.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`], [`Refusal::SignIn`]; and only after the right password [`Refusal::EmailNotVerified`],
    /// [`Refusal::Frozen`], [`Refusal::CodeNeeded`], [`Refusal::Code`]. [`Refusal::Busy`], or the database's.
    pub async fn with_password(
        &self,
        credentials: &Credentials<'_>,
        device: &Device,
        now_us: u64,
    ) -> Result<SignedIn, Error> {
        let user = user_store::by_email(self.base.db.read(), credentials.email).await?;
        let subjects = [self.lockouts.password(credentials.email), self.lockouts.address(device.ip)];
        admit(&self.base, &self.lockouts, &subjects, user.as_ref(), now_us).await?;
        let stored = match &user {
            Some(user) => user_store::password_hash(self.base.db.read(), user.id).await?,
            None => None,
        };
        let checked = self.passwords.check(credentials.password, stored.as_deref()).await?;
        let (Some(user), Some(stored), true) = (&user, &stored, checked != Checked::Wrong) else {
            // Failures for an address that nobody has are written down as well: for administrators, and so that both do the same.
            let user = user.map_or(NOBODY, |user| user.id);
            self.activity.note(&entry(user, Outcome::Failed, device), now_us).await?;
            return Err(Refusal::SignIn.into());
        };
        may_sign_in(user)?;
        // The password was right: what it cost is given back. Others who failed from this address of the network still count.
        let [password, address] = &subjects;
        self.lockouts.forgive(password).await?;
        self.lockouts.refund(address).await?;
        let stored = match checked {
            Checked::Outdated => &self.hash_again(user.id, credentials.password, stored).await?,
            _ => stored,
        };
        let mut amr = vec![Amr::Password];
        if self.totp.is_on(user.id).await? {
            let code = credentials.code.ok_or(Refusal::CodeNeeded)?;
            amr.push(self.totp.verify(user, code, now_us).await?);
        }
        self.begin(user.id, &amr, Some(stored), device, now_us).await
    }

    /// Begins a session for a user who has proved who he is: after a password, a wallet's signature, a passkey, another site's word.
    ///
    /// # Errors
    /// [`Refusal::EmailNotVerified`], [`Refusal::Frozen`], [`Refusal::NoSuchUser`], or the database's.
    pub async fn complete(&self, user: UserId, amr: &[Amr], device: &Device, now_us: u64) -> Result<SignedIn, Error> {
        self.begin(user, amr, None, device, now_us).await
    }

    /// Begins a session. `hash` is that of the password by which the user came in: it must still be the one, for whoever changes a
    /// password ends all sessions, and one that begins a moment later with the old password would escape.
    async fn begin(
        &self,
        user: UserId,
        amr: &[Amr],
        hash: Option<&str>,
        device: &Device,
        now_us: u64,
    ) -> Result<SignedIn, Error> {
        let write = self.base.db.begin().await?;
        let user = user_store::lock(&write, user).await?.ok_or(Refusal::NoSuchUser)?;
        if hash.is_some() && user_store::password_hash(&write, user.id).await?.as_deref() != hash {
            return Err(Refusal::SignIn.into());
        }
        may_sign_in(&user)?;
        let (opened, ended) = self.sessions.open(&write, &user, amr, device, now_us).await?;
        self.activity.write(&write, &entry(user.id, Outcome::Succeeded, device), now_us).await?;
        write.commit().await?;
        self.sessions.forget(ended);
        self.base.db.make_durable().await?;
        self.signed_in(user, opened, now_us)
    }

    /// Goes on with a session: a new refresh token and a new access token for a refresh token.
    ///
    /// # Errors
    /// As [`Sessions::refresh`].
    pub async fn refresh(&self, token: &Secret<String>, device: &Device, now_us: u64) -> Result<SignedIn, Error> {
        let (user, opened) = self.sessions.refresh(token, device, now_us).await?;
        self.signed_in(user, opened, now_us)
    }

    /// Who shows this access token, if its session lives and its user may act: for every request, mostly from memory.
    ///
    /// # Errors
    /// [`Refusal::AccessToken`], [`Refusal::AccessTokenExpired`], [`Refusal::SessionEnded`], or the database's.
    pub async fn authenticate(&self, token: &str, now_us: u64) -> Result<Caller, Error> {
        let claims = self.tokens.verify(token, now_us).await?;
        let owner = self.sessions.owner(&claims.sid, now_us).await?.ok_or(Refusal::SessionEnded)?;
        let user = self.users.current(owner).await?.ok_or(Refusal::SessionEnded)?;
        if user.state != UserState::Active || user.uid.as_str() != claims.sub {
            return Err(Refusal::SessionEnded.into());
        }
        Ok(Caller { user, sid: claims.sid, amr: claims.amr })
    }

    fn signed_in(&self, user: User, opened: Opened, now_us: u64) -> Result<SignedIn, Error> {
        let access = self.tokens.issue(&user, &opened.session, now_us)?;
        Ok(SignedIn { user, session: opened.session, refresh: opened.refresh, access })
    }

    async fn hash_again(&self, user: UserId, password: &Secret<String>, stored: &str) -> Result<String, Error> {
        let hash = self.passwords.hash(password).await?;
        let write = self.base.db.begin().await?;
        if !user_store::replace_password(&write, user, stored, &hash).await? {
            return Err(Refusal::SignIn.into());
        }
        write.commit().await?;
        Ok(hash)
    }
}

fn entry(user: UserId, result: Outcome, device: &Device) -> Entry<'_> {
    Entry { user, actor: None, topic: "session", action: "sign-in", result, detail: None, device: Some(device) }
}

/// Whether this user may have a session at all.
fn may_sign_in(user: &User) -> Result<(), Refusal> {
    match (user.kind, user.state) {
        (UserKind::Person, UserState::Active) => Ok(()),
        (UserKind::Person, UserState::Pending) => Err(Refusal::EmailNotVerified),
        (UserKind::Person, UserState::Frozen) => Err(Refusal::Frozen),
        // Parts and programs of others have no password; and that an address was closed is nobody's business.
        _ => Err(Refusal::SignIn),
    }
}

/// Pays for an attempt, or refuses it and, when it was the one too many, tells the user.
pub(crate) async fn admit(
    base: &Base,
    lockouts: &Lockouts,
    subjects: &[Subject],
    user: Option<&User>,
    now_us: u64,
) -> Result<(), Error> {
    let Admission::Locked { until_us, tell_owner } = lockouts.charge(subjects, now_us).await? else { return Ok(()) };
    if let (true, Some(user)) = (tell_owner, user) {
        let write = base.db.begin().await?;
        base.notify(&write, user, News::Locked { until_us }, now_us).await?;
        write.commit().await?;
    }
    Err(Refusal::TooManyAttempts { until_us }.into())
}
