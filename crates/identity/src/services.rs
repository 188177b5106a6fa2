//! Keys of services: how programs of the exchange, and of its operator, show themselves to the doors of level Secret.

use std::net::IpAddr;

use ipnet::IpNet;
use runtime::entropy::alphanumeric;
use runtime::secrets::{Secret, constant_time_eq};

use crate::base::Base;
use crate::key_terms::{self, addresses_from_text, addresses_to_text};
use crate::one_time::{secret_token, token_hash};
use crate::store::{from_sql, service_key as store, to_sql};
use crate::{Error, Refusal};

/// Live keys that there may be.
pub const MAX_SERVICE_KEYS: u64 = 200;
/// Scopes that one key may have.
pub const MAX_SCOPES: usize = 32;
const MAX_SCOPE_BYTES: usize = 64;
const PUBLIC_CHARS: usize = 20;
/// The longest text of a key that is looked at.
const MAX_KEY_BYTES: usize = 128;
/// A use within this time of the last noted one is not noted.
const NOTED_EVERY_US: u64 = 60_000_000;

/// A key that was just made; its text is shown once.
#[derive(Debug)]
pub struct NewServiceKey {
    /// The public part, by which it is listed and revoked.
    pub public: String,
    /// What goes into `X-Service-Key`: public part and secret.
    pub text: Secret<String>,
}

/// A key as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKeyInfo {
    /// The public part.
    pub public: String,
    /// Whose it is.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// From where; empty: from anywhere.
    pub addresses: Vec<IpNet>,
    /// When it was made, in microseconds since 1970.
    pub created_at_us: u64,
    /// When it was revoked.
    pub revoked_at_us: Option<u64>,
    /// When it was used last, to about a minute.
    pub last_used_us: Option<u64>,
}

/// All keys of services.
#[derive(Debug)]
pub struct ServiceKeys {
    base: Base,
}

impl ServiceKeys {
    pub(crate) fn new(base: Base) -> Self {
        Self { base }
    }

    /// Makes a key.
    ///
    /// # Errors
    /// [`Error::Label`], [`Refusal::Scope`], [`Refusal::TooManyServiceKeys`], [`Error::TooManyAddresses`], or the database's.
    pub async fn create(
        &self,
        name: &str,
        scopes: &[String],
        addresses: &[IpNet],
        now_us: u64,
    ) -> Result<NewServiceKey, Error> {
        let name = key_terms::label(name)?;
        if scopes.is_empty() || scopes.len() > MAX_SCOPES || !scopes.iter().all(|scope| is_scope(scope)) {
            return Err(Refusal::Scope.into());
        }
        let public = alphanumeric(&*self.base.random, PUBLIC_CHARS).expose().clone();
        let secret = secret_token(&*self.base.random);
        let hash = token_hash(secret.expose()).ok_or_else(|| Error::Internal("a token has no hash".to_owned()))?;
        let write = self.base.db.begin().await?;
        if store::count_live(&write).await? >= MAX_SERVICE_KEYS {
            return Err(Refusal::TooManyServiceKeys.into());
        }
        let new = store::New {
            public: &public,
            secret_hash: hash,
            name,
            scopes: scopes.join(" "),
            addresses: addresses_to_text(addresses)?,
            now_us: to_sql(now_us),
        };
        store::insert(&write, new).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        let text = Secret::new(format!("{public}.{}", secret.expose()));
        Ok(NewServiceKey { public, text })
    }

    /// Who shows this key, if it lives, may be used from there, and has the scope.
    ///
    /// # Errors
    /// [`Refusal::ServiceKey`], [`Refusal::ScopeMissing`], or the database's.
    pub async fn authenticate(
        &self,
        text: &str,
        scope: &str,
        address: Option<IpAddr>,
        now_us: u64,
    ) -> Result<ServiceKeyInfo, Error> {
        let parts = text.split_once('.').filter(|_| text.len() <= MAX_KEY_BYTES);
        let (public, secret) = parts.ok_or(Refusal::ServiceKey)?;
        let hash = token_hash(secret).ok_or(Refusal::ServiceKey)?;
        let row = store::find_live(self.base.db.read(), public).await?.ok_or(Refusal::ServiceKey)?;
        if !constant_time_eq(row.secret_hash.as_bytes(), hash.as_bytes()) {
            return Err(Refusal::ServiceKey.into());
        }
        let (id, noted_us) = (row.id, row.last_used_us.map_or(0, from_sql));
        let key = info(row)?;
        let here = |net: &IpNet| address.is_some_and(|address| net.contains(&address.to_canonical()));
        if !key.addresses.is_empty() && !key.addresses.iter().any(here) {
            return Err(Refusal::ServiceKey.into());
        }
        if !key.scopes.iter().any(|held| held == scope) {
            return Err(Refusal::ScopeMissing.into());
        }
        if now_us.saturating_sub(noted_us) > NOTED_EVERY_US {
            let write = self.base.db.begin().await?;
            store::set_used(&write, id, to_sql(now_us)).await?;
            write.commit().await?;
        }
        Ok(key)
    }

    /// Revokes a key for ever. `false`: there is no such live key.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke(&self, public: &str, now_us: u64) -> Result<bool, Error> {
        let write = self.base.db.begin().await?;
        let revoked = store::revoke(&write, public, to_sql(now_us)).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        Ok(revoked)
    }

    /// The keys, revoked ones too, the newest first; at most twice [`MAX_SERVICE_KEYS`].
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self) -> Result<Vec<ServiceKeyInfo>, Error> {
        store::list(self.base.db.read(), 2 * MAX_SERVICE_KEYS).await?.into_iter().map(info).collect()
    }
}

fn is_scope(scope: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_:.".contains(&byte);
    (1..=MAX_SCOPE_BYTES).contains(&scope.len()) && scope.bytes().all(letter)
}

fn info(row: store::Model) -> Result<ServiceKeyInfo, Error> {
    let addresses = row.addresses.as_deref().map(addresses_from_text).transpose();
    Ok(ServiceKeyInfo {
        addresses: addresses
            .map_err(|error| Error::Unusable { id: row.id, reason: error.to_string() })?
            .unwrap_or_default(),
        public: row.public,
        name: row.name,
        scopes: row.scopes.split(' ').map(str::to_owned).collect(),
        created_at_us: from_sql(row.created_at_us),
        revoked_at_us: row.revoked_at_us.map(from_sql),
        last_used_us: row.last_used_us.map(from_sql),
    })
}
