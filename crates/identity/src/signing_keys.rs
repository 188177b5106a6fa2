//! The keys that sign access tokens: one signs, the next one is already published, retired ones still count for a while.

mod generate;
pub(crate) mod ring_provider;

use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse, RSAKeyParameters, RSAKeyType,
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use runtime::entropy::alphanumeric;
use runtime::secrets::Secret;

use crate::Error;
use crate::base::Base;
use crate::store::from_sql;
use crate::store::signing_key::{self as store, CURRENT, Model, NEXT};

const KID_CHARS: usize = 16;
/// A retired key counts for a little longer than the last token that it signed.
const GRACE_US: u64 = 60_000_000;
/// An unknown key's name sends this process to SQL at most this often.
const RELOAD_US: u64 = 1_000_000;

/// The keys in memory.
pub(crate) struct Keys {
    pub(crate) current: Signing,
    verifying: Vec<Verifying>,
    loaded_at_us: u64,
}

pub(crate) struct Signing {
    pub(crate) kid: String,
    pub(crate) key: EncodingKey,
    promoted_at_us: u64,
}

struct Verifying {
    kid: String,
    key: DecodingKey,
    jwk: Jwk,
    /// Until when it counts, once it is retired.
    until_us: Option<u64>,
}

/// All signing keys.
pub struct SigningKeys {
    base: Base,
    keys: ArcSwap<Keys>,
    /// One reload at a time.
    reloading: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeys").field("current", &self.keys.load().current.kid).finish_non_exhaustive()
    }
}

impl SigningKeys {
    /// Loads the keys; makes the first two if there are none.
    pub(crate) async fn load(base: Base, now_us: u64) -> Result<Self, Error> {
        ring_provider::install();
        for slot in [CURRENT, NEXT] {
            if !holds(&store::all(base.db.read()).await?, slot) {
                add(&base, slot, now_us).await?;
            }
        }
        let keys = ArcSwap::from_pointee(read(&base, now_us).await?);
        Ok(Self { base, keys, reloading: tokio::sync::Mutex::new(()) })
    }

    /// The key that signs now.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    /// The key of this name, if its signatures count. One that memory does not know may be new in another process, so SQL is asked, at
    /// most once a second.
    pub(crate) async fn verifying(&self, kid: &str, now_us: u64) -> Result<Option<DecodingKey>, Error> {
        if let Some(key) = self.keys.load().verifying(kid, now_us) {
            return Ok(Some(key));
        }
        if kid.len() != KID_CHARS {
            return Ok(None);
        }
        let _reloading = self.reloading.lock().await;
        if now_us >= self.keys.load().loaded_at_us.saturating_add(RELOAD_US) {
            self.keys.store(Arc::new(read(&self.base, now_us).await?));
        }
        Ok(self.keys.load().verifying(kid, now_us))
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517): the one that signs, the next one, and those whose tokens may still be about.
    pub fn jwks(&self, now_us: u64) -> JwkSet {
        let keys = self.keys.load();
        JwkSet { keys: keys.verifying.iter().filter(|key| key.counts(now_us)).map(|key| key.jwk.clone()).collect() }
    }

    /// Lets the next key sign if the present one has signed for its time, makes a new next one, and deletes those that count no more.
    /// Says whether this call changed the key. Any number of processes may call it, about every hour.
    ///
    /// # Errors
    /// The database's.
    pub async fn rotate_if_due(&self, now_us: u64) -> Result<bool, Error> {
        self.reload(now_us).await?;
        let due_us = self.keys.load().current.promoted_at_us.saturating_add(self.base.settings.signing_key_us());
        if now_us < due_us { Ok(false) } else { self.rotate(now_us).await }
    }

    /// As [`rotate_if_due`](Self::rotate_if_due), whatever the time: for a key that may have been seen by somebody.
    ///
    /// # Errors
    /// The database's.
    pub async fn rotate(&self, now_us: u64) -> Result<bool, Error> {
        let rows = store::all(self.base.db.read()).await?;
        let kid = |slot| rows.iter().find(|row| row.slot.as_deref() == Some(slot)).map(|row| row.kid.clone());
        let (Some(current), Some(next)) = (kid(CURRENT), kid(NEXT)) else {
            return Err(Error::Internal("there is no key to sign with after this one".to_owned()));
        };
        let (new, sealed) = make(&self.base).await?;
        let write = self.base.db.begin().await?;
        // Who retires the key does the rest; another process that wanted to finds it gone.
        let changed = store::retire(&write, &current, now_us).await? && store::promote(&write, &next, now_us).await?;
        if changed {
            store::insert(&write, &new, NEXT, sealed, now_us).await?;
            store::purge(&write, now_us.saturating_sub(self.counts_for_us())).await?;
            write.commit().await?;
            self.base.db.make_durable().await?;
        }
        self.reload(now_us).await?;
        Ok(changed)
    }

    /// Reads the keys again: another process may have changed them. Call it about every minute.
    ///
    /// # Errors
    /// The database's, or a key that does not open.
    pub async fn reload(&self, now_us: u64) -> Result<(), Error> {
        let _reloading = self.reloading.lock().await;
        self.keys.store(Arc::new(read(&self.base, now_us).await?));
        Ok(())
    }

    fn counts_for_us(&self) -> u64 {
        counts_for_us(&self.base)
    }
}

impl Keys {
    fn verifying(&self, kid: &str, now_us: u64) -> Option<DecodingKey> {
        let found = self.verifying.iter().find(|key| key.kid == kid && key.counts(now_us));
        found.map(|key| key.key.clone())
    }
}

impl Verifying {
    fn counts(&self, now_us: u64) -> bool {
        self.until_us.is_none_or(|until_us| now_us < until_us)
    }
}

fn counts_for_us(base: &Base) -> u64 {
    base.settings.access_token_seconds * 1_000_000 + GRACE_US
}

fn holds(rows: &[Model], slot: &str) -> bool {
    rows.iter().any(|row| row.slot.as_deref() == Some(slot))
}

/// A new key: its name, and its private part as it is stored.
async fn make(base: &Base) -> Result<(String, Vec<u8>), Error> {
    let private = generate::private_key(base.random.clone(), base.settings.signing_key_bits).await?;
    let kid = alphanumeric(&*base.random, KID_CHARS).expose().clone();
    let sealed = base.sealing.seal(&*base.random, &sealed_to(&kid), private.expose());
    Ok((kid, sealed))
}

/// Puts a new key into an empty slot, unless another process is quicker.
async fn add(base: &Base, slot: &str, now_us: u64) -> Result<(), Error> {
    let (kid, sealed) = make(base).await?;
    let write = base.db.begin().await?;
    match store::insert(&write, &kid, slot, sealed, now_us).await.map_err(Error::from) {
        Ok(()) => {
            write.commit().await?;
            Ok(base.db.make_durable().await?)
        }
        Err(Error::Database(error)) if error.is_unique_violation() => Ok(()),
        Err(error) => Err(error),
    }
}

/// The keys of SQL. Public parts are taken from what was sealed, so that who can write to the database cannot put in one of his own.
async fn read(base: &Base, now_us: u64) -> Result<Keys, Error> {
    let (mut current, mut verifying) = (None, Vec::new());
    for row in store::all(base.db.read()).await? {
        let unusable = |reason: String| Error::Internal(format!("the signing key {}: {reason}", row.kid));
        let private = base.sealing.open(&sealed_to(&row.kid), &row.sealed_private_key);
        let private = private.map_err(|error| unusable(error.to_string()))?;
        verifying.push(public(base, &row, &private)?);
        if row.slot.as_deref() == Some(CURRENT) {
            current = Some(Signing {
                kid: row.kid,
                key: EncodingKey::from_rsa_der(private.expose()),
                promoted_at_us: row.promoted_at_us.map_or(0, from_sql),
            });
        }
    }
    let current = current.ok_or_else(|| Error::Internal("there is no key to sign access tokens with".to_owned()))?;
    Ok(Keys { current, verifying, loaded_at_us: now_us })
}

fn public(base: &Base, row: &Model, private: &Secret<Vec<u8>>) -> Result<Verifying, Error> {
    let parts = ring_provider::public_parts(private.expose());
    let (n, e) = parts.map_err(|error| Error::Internal(format!("the signing key {}: {error}", row.kid)))?;
    let jwk = Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::RS256),
            key_id: Some(row.kid.clone()),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: URL_SAFE_NO_PAD.encode(&n),
            e: URL_SAFE_NO_PAD.encode(&e),
        }),
    };
    let until_us = row.retired_at_us.map(|retired| from_sql(retired).saturating_add(counts_for_us(base)));
    Ok(Verifying { kid: row.kid.clone(), key: DecodingKey::from_rsa_raw_components(&n, &e), jwk, until_us })
}

fn sealed_to(kid: &str) -> Vec<u8> {
    format!("signing key:{kid}").into_bytes()
}
