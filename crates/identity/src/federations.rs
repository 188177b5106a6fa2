//! Signing in with the word of another site: OpenID Connect, by the authorization code flow with PKCE.
//!
//! The browser is sent to the other site with a state, a nonce and the hash of a proof key, and keeps them in a sealed cookie
//! ([`flow`]). It comes back with a code, which serves only together with that cookie: a code that somebody else planted, or stole, is
//! of no use. What the site says of its user is an ID token, whose signature, issuer, audience, time and nonce are verified.

mod error;
mod flow;
mod provider;

use runtime::config;
use runtime::entropy::alphanumeric;
use runtime::secrets::{Secret, constant_time_eq};
use sea_orm::ConnectionTrait;

use crate::Error;
use crate::base::Base;
use crate::email::Email;
use crate::people::People;
use crate::store::federation as store;
use crate::user::UserId;

pub use error::FederationError;
pub use flow::{FEDERATION_SECONDS, FederationPurpose};

use flow::Away;
use provider::Provider;

/// Users of other sites that one user may link.
pub const MAX_FEDERATIONS: u64 = 10;
/// Longest code, state or error that is looked at.
const MAX_FIELD_BYTES: usize = 2_048;
/// 43 letters and digits are 256 bits; as many as RFC 7636 wants at least of a proof key.
const SECRET_CHARS: usize = 43;
const AWAY: &[u8] = b"identity.federation.away";
const PROVEN: &[u8] = b"identity.federation.proven";

/// A site by which one can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederationProvider {
    /// The word in paths.
    pub id: String,
    /// What people know it by.
    pub name: String,
}

/// A browser that is about to leave for another site.
#[derive(Debug)]
pub struct Departure {
    /// Where it goes.
    pub url: String,
    /// What it keeps meanwhile.
    pub cookie: Secret<String>,
}

/// What the other site sends back with the browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct Return<'a> {
    /// The code, if the user was let in.
    pub code: Option<&'a str>,
    /// What it was sent with.
    pub state: Option<&'a str>,
    /// Who sends it (RFC 9207).
    pub issuer: Option<&'a str>,
    /// Why there is no code.
    pub error: Option<&'a str>,
}

/// Somebody whom another site knows. Only [`Federations::finish`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    issuer: String,
    subject: String,
    email: Option<Email>,
    purpose: FederationPurpose,
}

impl Known {
    /// What the site was asked for.
    pub fn purpose(&self) -> FederationPurpose {
        self.purpose
    }

    /// The address that the site vouches for, if its word is good for that.
    pub(crate) fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }
}

/// A user of another site that is linked to one here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federation {
    /// The number of its row.
    pub id: i64,
    /// The user here.
    pub user_id: i64,
    /// The other site.
    pub issuer: String,
    /// Who the user is there.
    pub subject: String,
    /// When it was linked, in microseconds since 1970.
    pub linked_at_us: u64,
}

/// The other sites, and the users who are linked to theirs.
#[derive(Debug)]
pub struct Federations {
    base: Base,
    providers: Vec<Provider>,
}

impl Federations {
    /// By the settings; `callback` is where the other sites send browsers back to. No site is asked anything yet.
    ///
    /// # Errors
    /// [`Error::Settings`] if a client cannot be made of them.
    pub fn new(people: &People, settings: &config::Oidc, callback: &str) -> Result<Self, Error> {
        let providers = settings.providers.iter().map(|provider| Provider::new(provider, callback));
        Ok(Self { base: people.base.clone(), providers: providers.collect::<Result<_, _>>()? })
    }

    /// The sites by which one can sign in.
    pub fn providers(&self) -> Vec<FederationProvider> {
        let shown = |provider: &Provider| {
            let config::OidcProvider { id, name, .. } = &provider.settings;
            FederationProvider { id: id.clone(), name: name.clone() }
        };
        self.providers.iter().map(shown).collect()
    }

    fn provider(&self, id: &str) -> Result<&Provider, Error> {
        let found = self.providers.iter().find(|provider| provider.settings.id == id);
        found.ok_or_else(|| FederationError::Provider.into())
    }

    /// Begins.
    ///
    /// # Errors
    /// [`FederationError::Provider`]; [`Error::Unavailable`] when the site does not answer.
    pub async fn start(&self, provider: &str, purpose: FederationPurpose, now_us: u64) -> Result<Departure, Error> {
        let provider = self.provider(provider)?;
        let secret = || alphanumeric(&*self.base.random, SECRET_CHARS).expose().clone();
        let id = provider.settings.id.clone();
        let away = Away { provider: id, purpose, state: secret(), nonce: secret(), verifier: secret() };
        let url = provider.address(&away, now_us).await?;
        let until_us = now_us.saturating_add(FEDERATION_SECONDS * 1_000_000);
        let cookie = flow::seal(&self.base.sealing, &*self.base.random, AWAY, away, until_us)?;
        Ok(Departure { url, cookie })
    }

    /// Takes a browser back, and says whom the other site knows it as.
    ///
    /// # Errors
    /// [`FederationError::Flow`], [`FederationError::Denied`], [`FederationError::Token`]; [`Error::Unavailable`] when the site does not
    /// answer.
    pub async fn finish(&self, cookie: &str, back: Return<'_>, now_us: u64) -> Result<Known, Error> {
        let away: Away = flow::open(&self.base.sealing, AWAY, cookie, now_us).ok_or(FederationError::Flow)?;
        let provider = self.provider(&away.provider)?;
        let state = back.state.filter(|state| constant_time_eq(state.as_bytes(), away.state.as_bytes()));
        state.ok_or(FederationError::Flow)?;
        // Another site that got hold of the state would send its own code.
        if back.issuer.is_some_and(|issuer| issuer != provider.settings.issuer) {
            return Err(FederationError::Flow.into());
        }
        if let Some(error) = back.error {
            // A code of RFC 6749, and not the site's sentence: a page shows it.
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            let known = error.len() <= 64 && error.bytes().all(plain);
            return Err(FederationError::Denied(if known { error.to_owned() } else { "error".to_owned() }).into());
        }
        let code = back.code.filter(|code| !code.is_empty() && code.len() <= MAX_FIELD_BYTES);
        provider.user(code.ok_or(FederationError::Flow)?, away, now_us).await
    }

    /// What a browser keeps whose user has still to show a code of the authenticator.
    ///
    /// # Errors
    /// None that a caller can help.
    pub fn seal_proven(&self, user: UserId, now_us: u64) -> Result<Secret<String>, Error> {
        let until_us = now_us.saturating_add(FEDERATION_SECONDS * 1_000_000);
        flow::seal(&self.base.sealing, &*self.base.random, PROVEN, user.0, until_us)
    }

    /// Who it is that has still to show a code.
    ///
    /// # Errors
    /// [`FederationError::Flow`].
    pub fn open_proven(&self, cookie: &str, now_us: u64) -> Result<UserId, Error> {
        let user = flow::open(&self.base.sealing, PROVEN, cookie, now_us).map(UserId);
        user.ok_or_else(|| FederationError::Flow.into())
    }

    /// Links, for the user who asked for it. Linking again changes nothing.
    ///
    /// # Errors
    /// As [`link_in`](Self::link_in).
    pub async fn link(&self, user_id: i64, known: &Known, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        self.link_in(&write, user_id, known, now_us).await?;
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }

    /// Links in the caller's transaction, as when the user is made with it.
    ///
    /// # Errors
    /// [`FederationError::Taken`], [`FederationError::TooMany`], or the database's.
    pub async fn link_in(
        &self,
        write: &impl ConnectionTrait,
        user_id: i64,
        known: &Known,
        now_us: u64,
    ) -> Result<(), Error> {
        if let Some(there) = store::find(write, &known.issuer, &known.subject).await? {
            return if there.user_id == user_id { Ok(()) } else { Err(FederationError::Taken.into()) };
        }
        if store::count(write, user_id).await? >= MAX_FEDERATIONS {
            return Err(FederationError::TooMany.into());
        }
        let made = store::insert(write, user_id, &known.issuer, &known.subject, now_us.cast_signed()).await;
        match made.map_err(db::Error::from) {
            Ok(_) => Ok(()),
            // Somebody else linked it at the same moment.
            Err(error) if error.is_unique_violation() => Err(FederationError::Taken.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The user's links, the oldest first; at most [`MAX_FEDERATIONS`].
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user_id: i64) -> Result<Vec<Federation>, Error> {
        Ok(store::list(self.base.db.read(), user_id).await?.into_iter().map(linked).collect())
    }

    /// Takes a link of the user away.
    ///
    /// # Errors
    /// [`FederationError::Unknown`], or the database's.
    pub async fn unlink(&self, user_id: i64, id: i64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        if !store::delete(&write, user_id, id).await? {
            return Err(FederationError::Unknown.into());
        }
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }

    /// Whose it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, known: &Known) -> Result<Option<UserId>, Error> {
        let found = store::find(self.base.db.read(), &known.issuer, &known.subject).await?;
        Ok(found.map(|row| UserId(row.user_id)))
    }
}

fn linked(row: store::Model) -> Federation {
    let store::Model { id, user_id, issuer, subject, linked_at_us } = row;
    Federation { id, user_id, issuer, subject, linked_at_us: linked_at_us.cast_unsigned() }
}
