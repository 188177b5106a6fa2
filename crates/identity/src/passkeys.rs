//! Passkeys: signing in with a key that an authenticator holds (WebAuthn, discoverable credentials).

mod ceremony;
mod error;

use std::sync::Arc;

use db::Db;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;
use serde_json::Value;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::{AuthenticationVerificationOptions, DiscoverableCredentialRequestOptions};
use webauthn_rp::request::register::{
    Nickname, PublicKeyCredentialCreationOptions, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    USER_HANDLE_MAX_LEN, UserHandle64, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState, RegisteredCredential,
    Registration, RegistrationServerState,
};

use crate::store::passkey as store;
use crate::{Error, key_terms};

pub use error::PasskeyError;

/// How long an authenticator may take to answer.
pub const PASSKEY_CEREMONY_SECONDS: u64 = 300;
/// Ceremonies that may begin within [`PASSKEY_CEREMONY_SECONDS`], of all users together.
pub const MAX_CEREMONIES: u64 = 100_000;
/// Passkeys that one user may have.
pub const MAX_PASSKEYS: u64 = 20;
/// Longest answer of an authenticator that is looked at.
pub const MAX_ANSWER_BYTES: usize = 16_384;

type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// A ceremony that began: what the page hands to the browser's `navigator.credentials`.
#[derive(Debug, Clone, PartialEq)]
pub struct PasskeyOptions {
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON` of WebAuthn Level 3.
    pub options: Value,
    /// From when on the answer is refused, in microseconds since 1970.
    pub expires_at_us: u64,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyInfo {
    /// The number of its row.
    pub id: i64,
    /// The owner's name for it.
    pub label: String,
    /// Whether it may be copied to other devices of its owner.
    pub may_be_synced: bool,
    /// When it was made, in microseconds since 1970.
    pub created_at_us: u64,
    /// When it was used last.
    pub last_used_us: Option<u64>,
}

/// Somebody proved a moment ago to be a user. Only [`Passkeys::finish_authentication`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenPasskey {
    user_id: i64,
    passkey_id: i64,
}

impl ProvenPasskey {
    /// The user's row.
    pub fn user_id(self) -> i64 {
        self.user_id
    }

    /// The passkey's row.
    pub fn passkey_id(self) -> i64 {
        self.passkey_id
    }
}

/// The passkeys of all users.
#[derive(Debug)]
pub struct Passkeys {
    db: Db,
    sealing: SealingKey,
    random: Arc<dyn Random>,
    rp_id: RpId,
    origins: Vec<String>,
}

impl Passkeys {
    /// The passkeys in `db` of the site at `host`, whose pages have the address `origin`. Keys are sealed with `sealing`.
    ///
    /// # Errors
    /// [`PasskeyError::Host`] when the host is no domain.
    pub fn new(db: Db, sealing: SealingKey, random: Arc<dyn Random>, host: &str, origin: &str) -> Result<Self, Error> {
        let domain = AsciiDomain::try_from(host.to_owned()).map_err(|_| PasskeyError::Host)?;
        Ok(Self { db, sealing, random, rp_id: RpId::Domain(domain), origins: vec![origin.to_owned()] })
    }

    /// Begins to make a passkey for a user, whom authenticators will show by `name`; his earlier attempt ends.
    ///
    /// # Errors
    /// [`PasskeyError::TooMany`], [`PasskeyError::Busy`], or the database's.
    pub async fn start_registration(&self, user_id: i64, name: &str, now_us: u64) -> Result<PasskeyOptions, Error> {
        let write = self.db.begin().await?;
        let rows = store::list(&write, user_id).await?;
        if rows.len() as u64 >= MAX_PASSKEYS {
            return Err(PasskeyError::TooMany.into());
        }
        let mut fresh = [0; USER_HANDLE_MAX_LEN];
        self.random.fill(&mut fresh);
        let handle = handle(&store::handle_of_user(&write, user_id, &fresh).await?)?;
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(name.to_owned()).unwrap_or_else(|_| plain_name()),
            id: &handle,
            display_name: Nickname::try_from(name.to_owned()).ok(),
        };
        let known = rows.into_iter().map(descriptor).collect::<Result<_, Error>>()?;
        let options = PublicKeyCredentialCreationOptions::passkey(&self.rp_id, user, known);
        let (server, client) = options.start_ceremony().map_err(|error| refused(&error))?;
        let state = server.encode().map_err(|error| refused(&error))?;
        let new = ceremony::new(ceremony::challenge(&server), Some(user_id), state, now_us);
        let options = serde_json::to_value(&client).map_err(|error| refused(&error))?;
        ceremony::begin(&write, &new, now_us).await?;
        write.commit().await?;
        Ok(PasskeyOptions { options, expires_at_us: new.expires_at_us.cast_unsigned() })
    }

    /// Ends what [`start_registration`](Self::start_registration) began, with the answer of the authenticator
    /// (`RegistrationResponseJSON`). The ceremony is used up by this, however it ends. When this returns, the passkey survives a loss of
    /// power.
    ///
    /// # Errors
    /// [`Error::Label`], [`PasskeyError::Answer`], [`PasskeyError::Ceremony`], [`PasskeyError::Expired`], [`PasskeyError::Refused`],
    /// [`PasskeyError::Taken`], [`PasskeyError::TooMany`], or the database's.
    pub async fn finish_registration(
        &self,
        user_id: i64,
        label: &str,
        answer: &[u8],
        now_us: u64,
    ) -> Result<PasskeyInfo, Error> {
        let label = key_terms::label(label)?;
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(PasskeyError::Answer.into());
        }
        let answer = Registration::from_json_relaxed(answer).map_err(|_| PasskeyError::Answer)?;
        let challenge = answer.challenge_relaxed().map_err(|_| PasskeyError::Answer)?;
        let state = ceremony::take(&self.db, challenge, Some(user_id), now_us).await?;
        let state = RegistrationServerState::decode(&state[..]).map_err(|error| refused(&error))?;
        let options = RegistrationVerificationOptions::<String, String> {
            allowed_origins: &self.origins,
            // An authenticator may say more than it was asked (WebAuthn, section 7.1, step 27).
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&self.rp_id, &answer, &options).map_err(|error| refused(&error))?;
        self.insert(user_id, label, &made, now_us).await
    }

    async fn insert(
        &self,
        user_id: i64,
        label: &str,
        made: &RegisteredCredential<'_, USER_HANDLE_MAX_LEN>,
        now_us: u64,
    ) -> Result<PasskeyInfo, Error> {
        let id = made.id().into_inner().to_vec();
        let key = made.static_state().encode().map_err(|_| PasskeyError::Answer)?;
        let Ok(dynamic) = made.dynamic_state().encode();
        let Ok(transports) = made.transports().encode();
        let row = store::New {
            user_id,
            sealed_key: self.sealing.seal(&*self.random, &sealed_to(user_id, &id), &key),
            credential_id: id,
            state: dynamic.to_vec(),
            transports,
            label,
            created_at_us: now_us.cast_signed(),
        };
        let write = self.db.begin().await?;
        // Two that end at the same moment on PostgreSQL may both pass: the bound keeps lists short, it guards nothing.
        if store::list(&write, user_id).await?.len() as u64 >= MAX_PASSKEYS {
            return Err(PasskeyError::TooMany.into());
        }
        let row = store::insert(&write, row).await.map_err(db::Error::from);
        let row = row.map_err(|error| match error.is_unique_violation() {
            true => PasskeyError::Taken.into(),
            false => Error::from(error),
        })?;
        write.commit().await?;
        self.db.make_durable().await?;
        info(row)
    }

    /// Begins to sign somebody in. Which user it is, the authenticator will say.
    ///
    /// # Errors
    /// [`PasskeyError::Busy`], or the database's.
    pub async fn start_authentication(&self, now_us: u64) -> Result<PasskeyOptions, Error> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.rp_id);
        let (server, client) = options.start_ceremony().map_err(|error| refused(&error))?;
        let state = server.encode().map_err(|error| refused(&error))?;
        let new = ceremony::new(ceremony::challenge(&server), None, state, now_us);
        let options = serde_json::to_value(&client).map_err(|error| refused(&error))?;
        let write = self.db.begin().await?;
        ceremony::begin(&write, &new, now_us).await?;
        write.commit().await?;
        Ok(PasskeyOptions { options, expires_at_us: new.expires_at_us.cast_unsigned() })
    }

    /// Ends what [`start_authentication`](Self::start_authentication) began, with the answer of the authenticator
    /// (`AuthenticationResponseJSON`). The ceremony is used up by this, however it ends. When this returns, that and the counter of the
    /// authenticator survive a loss of power.
    ///
    /// # Errors
    /// [`PasskeyError::Answer`], [`PasskeyError::Ceremony`], [`PasskeyError::Expired`], [`PasskeyError::Unknown`],
    /// [`PasskeyError::Counter`], [`PasskeyError::Refused`], or the database's.
    pub async fn finish_authentication(&self, answer: &[u8], now_us: u64) -> Result<ProvenPasskey, Error> {
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(PasskeyError::Answer.into());
        }
        let answer = DiscoverableAuthentication64::from_json_relaxed(answer).map_err(|_| PasskeyError::Answer)?;
        let challenge = answer.challenge_relaxed().map_err(|_| PasskeyError::Answer)?;
        let state = ceremony::take(&self.db, challenge, None, now_us).await?;
        let state = DiscoverableAuthenticationServerState::decode(&state[..]).map_err(|error| refused(&error))?;
        let id = answer.raw_id();
        let Some((row, owner)) = store::find(self.db.read(), id.as_ref()).await? else {
            return Err(PasskeyError::Unknown.into());
        };
        let owner = handle(&owner)?;
        let sealed = self.sealing.open(&sealed_to(row.user_id, id.as_ref()), &row.sealed_key);
        let sealed = sealed.map_err(|_| PasskeyError::Unusable(row.id))?;
        let key: StaticState<PublicKey> =
            StaticState::decode(&sealed.expose()[..]).map_err(|_| PasskeyError::Unusable(row.id))?;
        let before = dynamic(&row)?;
        let mut passkey = AuthenticatedCredential::new(id, &owner, key, before).map_err(|error| refused(&error))?;
        let options = AuthenticationVerificationOptions::<String, String> {
            allowed_origins: &self.origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&self.rp_id, &answer, &mut passkey, &options).map_err(|error| error::of_authentication(&error))?;
        let Ok(after) = passkey.dynamic_state().encode();
        let write = self.db.begin().await?;
        // Another answer of the same authenticator may have moved the counter meanwhile: then one of the two is a copy's.
        if !store::used(&write, &row, after.to_vec(), now_us.cast_signed()).await? {
            return Err(PasskeyError::Counter.into());
        }
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(ProvenPasskey { user_id: row.user_id, passkey_id: row.id })
    }

    /// The user's passkeys, the oldest first; at most [`MAX_PASSKEYS`].
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user_id: i64) -> Result<Vec<PasskeyInfo>, Error> {
        store::list(self.db.read(), user_id).await?.into_iter().map(info).collect()
    }

    /// Gives a passkey of the user another name. `false`: the user has none of this number.
    ///
    /// # Errors
    /// [`Error::Label`], or the database's.
    pub async fn rename(&self, user_id: i64, id: i64, label: &str) -> Result<bool, Error> {
        let label = key_terms::label(label)?;
        let write = self.db.begin().await?;
        let renamed = store::rename(&write, user_id, id, label).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(renamed)
    }

    /// Deletes a passkey of the user. `false`: the user has none of this number. When this returns, it stays deleted after a loss of
    /// power.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete(&self, user_id: i64, id: i64) -> Result<bool, Error> {
        let write = self.db.begin().await?;
        let deleted = store::delete(&write, user_id, id).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(deleted)
    }
}

/// What a key is sealed to, so that whoever can write to the database can neither put in a key of his own nor give a key to another user.
fn sealed_to(user_id: i64, credential_id: &[u8]) -> Vec<u8> {
    [b"passkey:", user_id.to_string().as_bytes(), b":", credential_id].concat()
}

fn plain_name() -> Username<'static> {
    Username::try_from("user").expect("a plain word is a user name")
}

fn handle(bytes: &[u8]) -> Result<UserHandle64, Error> {
    let bytes = bytes.try_into().map_err(|_| PasskeyError::Unusable(0))?;
    let Ok(handle) = UserHandle64::decode(bytes);
    Ok(handle)
}

fn dynamic(row: &store::Model) -> Result<DynamicState, Error> {
    let unusable = || PasskeyError::Unusable(row.id);
    let bytes = row.state.as_slice().try_into().map_err(|_| unusable())?;
    Ok(DynamicState::decode(bytes).map_err(|_| unusable())?)
}

/// A passkey that the authenticator shall not make twice.
fn descriptor(row: store::Model) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, Error> {
    let unusable = PasskeyError::Unusable(row.id);
    let transports = u8::try_from(row.transports).ok().and_then(|bits| AuthTransports::decode(bits).ok());
    let id = CredentialId::decode(row.credential_id).map_err(|_| unusable.clone())?;
    Ok(PublicKeyCredentialDescriptor { id, transports: transports.ok_or(unusable)? })
}

fn info(row: store::Model) -> Result<PasskeyInfo, Error> {
    let state = dynamic(&row)?;
    Ok(PasskeyInfo {
        id: row.id,
        may_be_synced: !matches!(state.backup, webauthn_rp::response::Backup::NotEligible),
        label: row.label,
        created_at_us: row.created_at_us.cast_unsigned(),
        last_used_us: row.last_used_us.map(i64::cast_unsigned),
    })
}

fn refused(error: &impl std::fmt::Display) -> PasskeyError {
    PasskeyError::Refused(error.to_string())
}
