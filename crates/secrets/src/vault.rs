//! Secrets of HashiCorp Vault, or of OpenBao, which has the same API: <https://developer.hashicorp.com/vault/api-docs>.

mod client;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runtime::clock::Clock;
use runtime::config;
use runtime::secrets::{MAX_SECRET_BYTES, Secret, check_name};
use rustify::errors::ClientError as RestError;
use serde::Deserialize;
use tokio::sync::RwLock;
use vaultrs::client::{Client as _, VaultClient};
use vaultrs::error::ClientError;
use vaultrs::{auth, kv2, token, transit};

use crate::{Error, file};

/// How long the token may be left alone at most, and how soon it is tried again after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// Most bytes of a token, or of a role's secret, in a file.
const MAX_TOKEN: u64 = 8 << 10;
/// Most characters of Vault's own words that are repeated.
const MAX_WORDS: usize = 200;

/// A session with Vault. It signs in again when its token ends.
#[derive(Debug)]
pub struct Vault {
    settings: config::Vault,
    clock: Arc<dyn Clock>,
    session: RwLock<Session>,
}

struct Session {
    client: VaultClient,
    /// When the token should be renewed, by the monotonic clock; never for one without an end.
    renew_at_us: Option<u64>,
    renewable: bool,
    /// Counts the sign-ins, so that of many calls that were refused at once one signs in again.
    generation: u64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client prints its token.
        f.debug_struct("Session").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// The entry of a secret.
#[derive(Deserialize)]
struct Entry {
    value: Secret<String>,
}

/// What is asked of Vault. A call can be made again, with another token.
enum Call<'a> {
    Read(&'a str),
    Seal(&'a str),
    Open(&'a str),
}

impl Vault {
    /// Signs in with the token of the settings, or by AppRole.
    ///
    /// # Errors
    /// [`Error::Settings`] and [`Error::File`] for what cannot be used, [`Error::Vault`] if it cannot be reached or refuses.
    pub async fn sign_in(settings: &config::Vault, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let session = signed_in(settings, &*clock, 0).await?;
        Ok(Self { settings: settings.clone(), clock, session: RwLock::new(session) })
    }

    /// The secret of this name, or nothing when there is none or it was deleted.
    ///
    /// # Errors
    /// A name that is none, and [`Error::Vault`].
    pub async fn get(&self, name: &str) -> Result<Option<Secret<String>>, Error> {
        check_name(name)?;
        let path = format!("{}/{name}", self.settings.path);
        match self.call(Call::Read(&path)).await {
            Ok(value) if value.expose().is_empty() => Err(Error::Value { name: name.to_owned(), reason: "is empty" }),
            Ok(value) if value.expose().len() > MAX_SECRET_BYTES => {
                Err(Error::Value { name: name.to_owned(), reason: "is larger than a secret may be" })
            }
            Ok(value) => Ok(Some(value)),
            // Without a word of Vault's own there is simply no such entry; a mount that is not there is told in words.
            Err(ClientError::APIError { code: 404, errors }) if errors.is_empty() => Ok(None),
            // A deleted version is told with its metadata in place of words.
            Err(ClientError::RestClientError { source: RestError::ServerResponseError { code: 404, .. } }) => Ok(None),
            Err(ClientError::JsonParseError { .. }) => {
                Err(Error::Value { name: name.to_owned(), reason: "has no text under `value` in Vault" })
            }
            Err(error) => Err(told(&error)),
        }
    }

    /// Seals a text with the transit key: `vault:v1:…`, which only Vault can open.
    ///
    /// # Errors
    /// [`Error::Settings`] without `secrets.vault.transit_key`, and [`Error::Vault`].
    pub async fn seal(&self, plain: &[u8]) -> Result<String, Error> {
        self.transit_key()?;
        if plain.len() > MAX_SECRET_BYTES {
            return Err(Error::Value { name: "to seal".to_owned(), reason: "is larger than a secret may be" });
        }
        let plain = Secret::new(STANDARD.encode(plain));
        let sealed = self.call(Call::Seal(plain.expose())).await.map_err(|error| told(&error))?;
        Ok(sealed.expose().clone())
    }

    /// Opens what [`seal`](Self::seal) returned.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal); what was changed, or sealed with another key, is refused by Vault.
    pub async fn open(&self, sealed: &str) -> Result<Secret<Vec<u8>>, Error> {
        self.transit_key()?;
        let plain = self.call(Call::Open(sealed)).await.map_err(|error| told(&error))?;
        let broken = |_| Error::Vault { reason: "the opened text is not base64".to_owned(), transient: false };
        STANDARD.decode(plain.expose()).map(Secret::new).map_err(broken)
    }

    /// Renews the token before it ends, for ever.
    pub(crate) async fn keep(&self) {
        loop {
            let due = self.session.read().await.renew_at_us;
            let now = self.clock.monotonic_us();
            let pause = due.map_or(LONGEST_PAUSE, |due| Duration::from_micros(due.saturating_sub(now)));
            tokio::time::sleep(pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)).await;
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "the token of Vault was not renewed; trying again");
            }
        }
    }

    /// Where the secrets are, for messages.
    pub(crate) fn place(&self) -> String {
        format!("Vault at {}/{}", self.settings.mount, self.settings.path)
    }

    async fn call(&self, call: Call<'_>) -> Result<Secret<String>, ClientError> {
        // A token that could not be renewed may still be good.
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the token of Vault was not renewed");
        }
        let (outcome, generation) = {
            let session = self.session.read().await;
            (self.run(&session.client, &call).await, session.generation)
        };
        match outcome {
            Err(ClientError::APIError { code: 403, .. }) if self.settings.role_id.is_some() => {
                // Revoked, or the server forgot it.
                let mut session = self.session.write().await;
                if session.generation == generation
                    && let Ok(again) = signed_in(&self.settings, &*self.clock, generation + 1).await
                {
                    *session = again;
                }
                let session = session.downgrade();
                self.run(&session.client, &call).await
            }
            outcome => outcome,
        }
    }

    async fn run(&self, client: &VaultClient, call: &Call<'_>) -> Result<Secret<String>, ClientError> {
        let config::Vault { mount, transit_mount, transit_key, .. } = &self.settings;
        let key = transit_key.as_deref().unwrap_or_default();
        match call {
            Call::Read(path) => Ok(kv2::read::<Entry>(client, mount, path).await?.value),
            Call::Seal(plain) => {
                let sealed = transit::data::encrypt(client, transit_mount, key, plain, None).await?;
                Ok(Secret::new(sealed.ciphertext))
            }
            Call::Open(sealed) => {
                let opened = transit::data::decrypt(client, transit_mount, key, sealed, None).await?;
                Ok(Secret::new(opened.plaintext))
            }
        }
    }

    /// Renews the token when it is time, or signs in again when it cannot be renewed.
    async fn refresh(&self) -> Result<(), Error> {
        let due = |session: &Session| session.renew_at_us.is_some_and(|due| due <= self.clock.monotonic_us());
        if !due(&*self.session.read().await) {
            return Ok(());
        }
        let mut session = self.session.write().await;
        if !due(&session) {
            return Ok(());
        }
        let renewed = if session.renewable { token::renew_self(&session.client, None).await.ok() } else { None };
        if let Some(renewed) = renewed {
            session.renew_at_us = renew_at(&*self.clock, renewed.lease_duration);
            session.renewable = renewed.renewable;
            return Ok(());
        }
        *session = signed_in(&self.settings, &*self.clock, session.generation + 1).await?;
        Ok(())
    }

    fn transit_key(&self) -> Result<(), Error> {
        let missing = || Error::Settings("secrets.vault.transit_key is not set".to_owned());
        self.settings.transit_key.as_ref().map(drop).ok_or_else(missing)
    }
}

/// Two thirds of its time into the life of a token.
fn renew_at(clock: &dyn Clock, lifetime_s: u64) -> Option<u64> {
    (lifetime_s > 0).then(|| clock.monotonic_us().saturating_add(lifetime_s.saturating_mul(1_000_000) / 3 * 2))
}

async fn signed_in(settings: &config::Vault, clock: &dyn Clock, generation: u64) -> Result<Session, Error> {
    let mut client = client::client(settings)?;
    if let Some(role_id) = &settings.role_id {
        let secret_id = given(settings.secret_id.as_ref(), settings.secret_id_file.as_deref(), "secret_id")?;
        let signed = auth::approle::login(&client, &settings.approle_mount, role_id, secret_id.expose()).await;
        let signed = signed.map_err(|error| told(&error))?;
        client.set_token(&signed.client_token);
        let renew_at_us = renew_at(clock, signed.lease_duration);
        return Ok(Session { client, renew_at_us, renewable: signed.renewable, generation });
    }
    let given = given(settings.token.as_ref(), settings.token_file.as_deref(), "token")?;
    client.set_token(given.expose());
    let found = token::lookup_self(&client).await.map_err(|error| told(&error))?;
    let renew_at_us = renew_at(clock, found.ttl);
    Ok(Session { client, renew_at_us, renewable: found.renewable.unwrap_or(false), generation })
}

fn given(value: Option<&Secret<String>>, path: Option<&std::path::Path>, what: &str) -> Result<Secret<String>, Error> {
    match (value, path) {
        (Some(value), _) => Ok(value.clone()),
        (None, Some(path)) => file::secret_text(path, MAX_TOKEN),
        (None, None) => Err(Error::Settings(format!("secrets.vault.{what} is not set"))),
    }
}

/// An error in words for an operator. Vault's own words name paths and rules; what was answered is never repeated.
fn told(error: &ClientError) -> Error {
    let (reason, transient) = match error {
        ClientError::APIError { code, errors } => {
            let words: String =
                errors.join("; ").chars().filter(|letter| !letter.is_control()).take(MAX_WORDS).collect();
            // 429: too many requests; 472, 473, 503: a standby, or sealed.
            (format!("it answered with status {code}: {words}"), matches!(code, 412 | 429 | 472 | 473 | 500..=599))
        }
        ClientError::RestClientError { .. } => {
            ("it cannot be reached, or gave no answer that can be read".to_owned(), true)
        }
        other => (other.to_string(), false),
    };
    Error::Vault { reason, transient }
}
