//! What the doors ask of several parts of people at once.

use runtime::secrets::Secret;

use crate::activity::{Entry, Outcome};
use crate::documents::{Document, Documents, Verdict};
use crate::email::Email;
use crate::federations::{FederationError, Federations, Known};
use crate::people::People;
use crate::ports::{Device, News};
use crate::sessions::Amr;
use crate::sign_in::SignedIn;
use crate::user::{User, UserId, UserState};
use crate::users::NewUser;
use crate::wallets::{ProvenWallet, WalletError, Wallets};
use crate::{Error, Refusal};

/// A session that began so long ago proves nothing new.
const FRESH_US: u64 = 10 * 60 * 1_000_000;

impl People {
    /// Begins a session for a user who has shown one proof, and a code besides where there is an authenticator.
    ///
    /// # Errors
    /// [`Refusal::CodeNeeded`], [`Refusal::Code`], and those of [`SignIn::complete`](crate::SignIn::complete).
    pub async fn enter(
        &self,
        user: UserId,
        proof: Amr,
        code: Option<&str>,
        device: &Device,
        now_us: u64,
    ) -> Result<SignedIn, Error> {
        let mut amr = vec![proof];
        if self.totp.is_on(user).await? {
            let code = code.ok_or(Refusal::CodeNeeded)?;
            let user = self.users.by_id(user).await?.ok_or(Refusal::NoSuchUser)?;
            amr.push(self.totp.verify(&user, code, now_us).await?);
        }
        self.sign_in.complete(user, &amr, device, now_us).await
    }

    /// Makes an active user with an address and a password on the operator's word: for the first administrator, and for demos. `account`
    /// names the account in the engine that it gets; `None`: the next one of its own. One that is there already is given as it is.
    ///
    /// # Errors
    /// [`Refusal::PasswordLength`], [`Refusal::PasswordWeak`], [`Refusal::PasswordBreached`], or the database's.
    pub async fn found(
        &self,
        email: &Email,
        password: &Secret<String>,
        account: Option<u32>,
        now_us: u64,
    ) -> Result<User, Error> {
        if let Some(user) = self.users.by_email(email).await? {
            return Ok(user);
        }
        self.passwords.judge(password, &[email.as_str()]).await?;
        let hash = self.passwords.hash(password).await?;
        let write = self.base.db.begin().await?;
        let new = NewUser { state: UserState::Active, account, ..NewUser::pending(email, "en") };
        let user = self.users.create(&write, new, now_us).await?;
        crate::store::user::set_password(&write, user.id, &hash, now_us).await?;
        self.labels.set_in(&write, user.id, "email", "verified", now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(user.id);
        Ok(user)
    }

    /// Whose the wallet is; a new user's, if it was seen for the first time.
    ///
    /// # Errors
    /// Those of [`Wallets::link_in`], or the database's.
    pub async fn user_of_wallet(&self, wallets: &Wallets, wallet: &ProvenWallet, now_us: u64) -> Result<UserId, Error> {
        if let Some(known) = wallets.find(wallet).await? {
            return Ok(UserId(known.user_id));
        }
        let write = self.base.db.begin().await?;
        let user = self.users.create(&write, NewUser::external("en"), now_us).await?;
        match wallets.link_in(&write, user.id.0, wallet, now_us).await {
            Ok(_) => {}
            // It signed in twice at the same moment: the other one made the user.
            Err(Error::Wallet(WalletError::Taken)) => {
                drop(write);
                let known = wallets.find(wallet).await?.ok_or(Refusal::NoSuchUser)?;
                return Ok(UserId(known.user_id));
            }
            Err(error) => return Err(error),
        }
        write.commit().await?;
        self.base.db.make_durable().await?;
        if let Err(error) = self.users.open_account(&user, now_us).await {
            tracing::warn!(%error, account = user.account, "the account of a new user is opened later");
        }
        Ok(user.id)
    }

    /// Whose the user of another site is; a new user's, if it was seen for the first time. An address that the other site vouches for
    /// is the new user's, and verified; somebody who has that address already is not taken over by it.
    ///
    /// # Errors
    /// [`FederationError::EmailTaken`], those of [`Federations::link_in`], or the database's.
    pub async fn user_of_federation(
        &self,
        federations: &Federations,
        known: &Known,
        now_us: u64,
    ) -> Result<UserId, Error> {
        if let Some(user) = federations.find(known).await? {
            return Ok(user);
        }
        let email = known.email();
        if let Some(email) = email
            && self.users.by_email(email).await?.is_some()
        {
            return Err(FederationError::EmailTaken.into());
        }
        let write = self.base.db.begin().await?;
        let made = self.users.create(&write, NewUser { email, ..NewUser::external("en") }, now_us).await;
        let user = made.map_err(|error| match error {
            // Somebody signed up with it at the same moment.
            Error::Database(error) if error.is_unique_violation() => FederationError::EmailTaken.into(),
            other => other,
        })?;
        match federations.link_in(&write, user.id.0, known, now_us).await {
            Ok(()) => {}
            // It signed in twice at the same moment: the other one made the user.
            Err(Error::Federation(FederationError::Taken)) => {
                drop(write);
                return Ok(federations.find(known).await?.ok_or(Refusal::NoSuchUser)?);
            }
            Err(error) => return Err(error),
        }
        if email.is_some() {
            self.labels.set_in(&write, user.id, "email", "verified", now_us).await?;
        }
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(user.id);
        if let Err(error) = self.users.open_account(&user, now_us).await {
            tracing::warn!(%error, account = user.account, "the account of a new user is opened later");
        }
        Ok(user.id)
    }

    /// Lets a user who is signed in prove again who he is, before something that cannot be undone: with the password, if there is one,
    /// and a code, if there is an authenticator. Who has neither came by a wallet, a passkey or another site, and must have come within
    /// the last minutes.
    ///
    /// # Errors
    /// [`Refusal::SignIn`], [`Refusal::CodeNeeded`], [`Refusal::Code`], [`Refusal::TooManyAttempts`], [`Refusal::SessionOld`], or the
    /// database's.
    pub async fn prove_again(
        &self,
        user: &User,
        sid: &str,
        password: Option<&Secret<String>>,
        code: Option<&str>,
        now_us: u64,
    ) -> Result<(), Error> {
        let stored = crate::store::user::password_hash(self.base.db.read(), user.id).await?;
        let has_codes = self.totp.is_on(user.id).await?;
        if stored.is_none() && !has_codes {
            let sessions = self.sessions.list(user.id, now_us).await?;
            let session = sessions.iter().find(|session| session.sid == sid).ok_or(Refusal::SessionEnded)?;
            if now_us.saturating_sub(session.created_at_us) > FRESH_US {
                return Err(Refusal::SessionOld.into());
            }
        }
        if let Some(stored) = stored {
            let email = user.email.as_deref().and_then(|email| Email::parse(email).ok()).ok_or(Refusal::SignIn)?;
            self.lockouts.demand(&[self.lockouts.password(&email)], now_us).await?;
            let password = password.ok_or(Refusal::SignIn)?;
            if self.passwords.check(password, Some(&stored)).await? == crate::passwords::Checked::Wrong {
                return Err(Refusal::SignIn.into());
            }
            self.lockouts.forgive(&self.lockouts.password(&email)).await?;
        }
        if has_codes {
            self.totp.verify(user, code.ok_or(Refusal::CodeNeeded)?, now_us).await?;
        }
        Ok(())
    }

    /// Writes to the log and to the user that something about his access has changed.
    ///
    /// # Errors
    /// The database's, or the port's.
    pub async fn tell(
        &self,
        user: &User,
        topic: &'static str,
        action: &'static str,
        news: News,
        now_us: u64,
    ) -> Result<(), Error> {
        let device = news.device().cloned();
        let entry = Entry {
            user: user.id,
            actor: None,
            topic,
            action,
            result: Outcome::Succeeded,
            detail: None,
            device: device.as_ref(),
        };
        let write = self.base.db.begin().await?;
        self.activity.write(&write, &entry, now_us).await?;
        self.base.notify(&write, user, news, now_us).await?;
        Ok(write.commit().await?)
    }

    /// A reviewer judges a document. An approved one gives its owner the label, and the level that follows, in the same transaction;
    /// the owner is told either way.
    ///
    /// # Errors
    /// Those of [`Documents::review_in`], or the database's.
    pub async fn review_document(
        &self,
        documents: &Documents,
        id: i64,
        reviewer: UserId,
        verdict: Verdict<'_>,
        now_us: u64,
    ) -> Result<Document, Error> {
        let write = self.base.db.begin().await?;
        let document = documents.review_in(&write, id, reviewer.0, verdict, now_us).await?;
        let owner = UserId(document.user_id);
        let user = self.users.by_id_in(&write, owner).await?.ok_or(Refusal::NoSuchUser)?;
        let name = document.kind.name().replace('_', " ");
        let (news, action) = match verdict {
            Verdict::Approve => {
                self.labels.set_in(&write, owner, "document", "verified", now_us).await?;
                (News::DocumentApproved { document: name }, "approve-document")
            }
            Verdict::Reject { reason } => {
                let reason = reason.trim().to_owned();
                (News::DocumentRejected { document: name, reason }, "reject-document")
            }
        };
        let entry = Entry {
            user: owner,
            actor: Some(reviewer),
            topic: "account",
            action,
            result: Outcome::Succeeded,
            detail: None,
            device: None,
        };
        self.activity.write(&write, &entry, now_us).await?;
        self.base.notify(&write, &user, news, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.labels.changed(owner);
        Ok(document)
    }
}
