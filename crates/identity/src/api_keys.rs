//! All API keys: made and revoked in SQL, found in memory.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use runtime::entropy::{Random, alphanumeric};
use runtime::secrets::{SealingKey, Secret};
use tokio::sync::{Mutex, MutexGuard};

use db::Db;

use crate::api_key::{ApiKey, Permissions, addresses_from_text, addresses_to_text};
use crate::kind::KeyKind;
use crate::public_key::PublicKey;
use crate::store::api_key as store;
use crate::{Error, store::api_key::Model};

/// Live keys that one account may have; the figure of Binance.
pub const MAX_LIVE_KEYS: u64 = 30;
/// Keys that [`ApiKeys::list`] shows at most, the newest first.
pub const MAX_LISTED: u64 = 100;
/// Addresses that a key may be bound to.
pub const MAX_ADDRESSES: usize = 30;
/// Characters of a label.
pub const MAX_LABEL_CHARS: usize = 100;
/// How long a key found in SQL is believed. Another process's revocation takes so long to reach this one.
pub const CACHE_SECONDS: u64 = 60;

/// How long a key that is not there is believed to be absent: another process may have made it just now.
const ABSENT_SECONDS: u64 = 5;
/// Keys kept in memory: some hundred bytes each.
const CACHED_KEYS: u64 = 100_000;
const CACHED_ABSENT: u64 = 10_000;
/// Length of a key and of its secret, as Binance has it: 62^64 possibilities.
const KEY_CHARS: usize = 64;
/// Uses written down in one transaction.
const FLUSH_ROWS: usize = 1_000;
/// Keys share this many locks, so this is also how many reads of SQL run at the same time.
const LOCKS: usize = 16;

/// The API keys of all accounts.
pub struct ApiKeys {
    db: Db,
    sealing: SealingKey,
    random: Arc<dyn Random>,
    known: Cache<String, Arc<ApiKey>>,
    absent: Cache<String, ()>,
    /// Whoever changes a key, or brings it from SQL into memory, holds its lock: many requests with a key that is not in memory read
    /// it once, and none of them puts back what was revoked meanwhile.
    locks: [Mutex<()>; LOCKS],
    lock_of: RandomState,
}

impl std::fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeys").field("known", &self.known.entry_count()).finish_non_exhaustive()
    }
}

/// A key that was just made.
#[derive(Debug)]
pub struct Created {
    /// The public part: 64 ASCII letters and digits.
    pub key: String,
    /// The secret: 64 ASCII letters and digits. Nobody can show it again.
    pub secret: Secret<String>,
}

/// What a new key is made of.
struct Material<'a> {
    kind: KeyKind,
    /// What is sealed: the secret, or the public key, so that nobody who can write to the database puts in one of his own.
    sealed: &'a [u8],
    public_key: Option<&'a [u8]>,
}

/// A key as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyInfo {
    /// The number of its row; newer keys have greater ones.
    pub id: i64,
    /// The public part.
    pub key: String,
    /// How it signs.
    pub kind: KeyKind,
    /// The owner's name for it.
    pub label: String,
    /// What it may be used for.
    pub permissions: Permissions,
    /// The addresses that it may be used from; empty: from anywhere.
    pub addresses: Vec<IpAddr>,
    /// When it was made, in microseconds since 1970.
    pub created_at_us: u64,
    /// When it was revoked.
    pub revoked_at_us: Option<u64>,
    /// When it was used last, to about a minute.
    pub last_used_us: Option<u64>,
}

impl ApiKeys {
    /// The keys in `db`, whose secrets `sealing` opens. One per process: others would not hear of its revocations at once.
    pub fn new(db: Db, sealing: SealingKey, random: Arc<dyn Random>) -> Self {
        Self {
            db,
            sealing,
            random,
            known: cache(CACHED_KEYS, CACHE_SECONDS),
            absent: cache(CACHED_ABSENT, ABSENT_SECONDS),
            locks: std::array::from_fn(|_| Mutex::new(())),
            lock_of: RandomState::new(),
        }
    }

    /// Makes a key for `account_id` that signs with a new secret. When this returns, the key survives a loss of power.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::TooManyKeys`], or the database's.
    pub async fn create(
        &self,
        account_id: i64,
        label: &str,
        permissions: Permissions,
        now_us: u64,
    ) -> Result<Created, Error> {
        let secret = alphanumeric(&*self.random, KEY_CHARS);
        let material = Material { kind: KeyKind::Hmac, sealed: secret.expose().as_bytes(), public_key: None };
        let key = self.insert(account_id, label, permissions, now_us, material).await?;
        Ok(Created { key, secret })
    }

    /// Makes a key for `account_id` that signs with the private key of `public_key`, and gives its name, 64 ASCII letters and digits.
    /// When this returns, the key survives a loss of power.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::TooManyKeys`], or the database's.
    pub async fn register(
        &self,
        account_id: i64,
        label: &str,
        permissions: Permissions,
        public_key: &PublicKey,
        now_us: u64,
    ) -> Result<String, Error> {
        let der = public_key.der();
        let material = Material { kind: public_key.kind(), sealed: der, public_key: Some(der) };
        self.insert(account_id, label, permissions, now_us, material).await
    }

    async fn insert(
        &self,
        account_id: i64,
        label: &str,
        permissions: Permissions,
        now_us: u64,
        material: Material<'_>,
    ) -> Result<String, Error> {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > MAX_LABEL_CHARS || label.chars().any(char::is_control) {
            return Err(Error::Label);
        }
        let key = alphanumeric(&*self.random, KEY_CHARS).expose().clone();
        let row = store::New {
            key: &key,
            kind: material.kind.name(),
            sealed_secret: self.sealing.seal(&*self.random, &material.kind.sealed_to(&key), material.sealed),
            public_key: material.public_key.map(<[u8]>::to_vec),
            account_id,
            label,
            may_read: permissions.read,
            may_trade: permissions.trade,
            created_at_us: to_sql(now_us),
        };
        let write = self.db.begin().await?;
        // Two that are made at the same moment on PostgreSQL may both pass at 29: the bound keeps lists short, it guards nothing.
        if store::count_live(&write, account_id).await? >= MAX_LIVE_KEYS {
            return Err(Error::TooManyKeys);
        }
        store::insert(&write, row).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(key)
    }

    /// The key if memory has it: `Some(None)` says that there is no such live key, `None` that memory does not know; then ask
    /// [`find`](Self::find).
    pub fn cached(&self, key: &str) -> Option<Option<Arc<ApiKey>>> {
        if let Some(found) = self.known.get(key) {
            return Some(Some(found));
        }
        let impossible = key.len() != KEY_CHARS || !key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (impossible || self.absent.contains_key(key)).then_some(None)
    }

    /// The live key of this name. `None`: malformed, unknown or revoked.
    ///
    /// # Errors
    /// [`Error::Unusable`] if its row cannot be used, or the database's.
    pub async fn find(&self, key: &str) -> Result<Option<Arc<ApiKey>>, Error> {
        if let Some(known) = self.cached(key) {
            return Ok(known);
        }
        let _lock = self.lock(key).await;
        // Whoever held the lock before may have brought it.
        if let Some(known) = self.cached(key) {
            return Ok(known);
        }
        let Some(row) = store::find_live(self.db.read(), key).await? else {
            self.absent.insert(key.to_owned(), ());
            return Ok(None);
        };
        let found = Arc::new(ApiKey::from_row(row, &self.sealing)?);
        self.known.insert(key.to_owned(), found.clone());
        Ok(Some(found))
    }

    /// Revokes a key of the account, for ever. `false`: the account has no such live key. When this returns `true`, the key stays
    /// revoked after a loss of power.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke(&self, account_id: i64, key: &str, now_us: u64) -> Result<bool, Error> {
        let _lock = self.change(key).await;
        let write = self.db.begin().await?;
        let revoked = store::revoke(&write, account_id, key, to_sql(now_us)).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(revoked)
    }

    /// Binds a live key of the account to these addresses; none frees it. `false`: the account has no such live key.
    ///
    /// # Errors
    /// [`Error::TooManyAddresses`], or the database's.
    pub async fn set_ip_allow_list(&self, account_id: i64, key: &str, addresses: &[IpAddr]) -> Result<bool, Error> {
        if addresses.len() > MAX_ADDRESSES {
            return Err(Error::TooManyAddresses);
        }
        let _lock = self.change(key).await;
        let write = self.db.begin().await?;
        let set = store::set_addresses(&write, account_id, key, addresses_to_text(addresses)).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(set)
    }

    /// The account's keys, revoked ones too, the newest first; at most [`MAX_LISTED`].
    ///
    /// # Errors
    /// [`Error::Unusable`] if a row cannot be read, or the database's.
    pub async fn list(&self, account_id: i64) -> Result<Vec<ApiKeyInfo>, Error> {
        let rows = store::list(self.db.read(), account_id, MAX_LISTED).await?;
        rows.into_iter().map(info).collect()
    }

    /// Writes down when keys were used last, at most 1,000 of them, and says how many. Call it every half minute and before the end.
    ///
    /// # Errors
    /// The database's; the next call tries again.
    pub async fn flush_last_used(&self) -> Result<usize, Error> {
        let used = self.known.iter().filter_map(|(_, key)| key.unstored_use().map(|used_us| (key, used_us)));
        let mut used: Vec<(Arc<ApiKey>, u64)> = used.take(FLUSH_ROWS).collect();
        if used.is_empty() {
            return Ok(0);
        }
        // In one order in every process, so that two of them cannot wait for each other's rows.
        used.sort_by_key(|(key, _)| key.id());
        let write = self.db.begin().await?;
        for (key, used_us) in &used {
            store::set_last_used(&write, key.id(), to_sql(*used_us)).await?;
        }
        write.commit().await?;
        for (key, used_us) in &used {
            key.use_was_stored(*used_us);
        }
        Ok(used.len())
    }

    async fn lock(&self, key: &str) -> MutexGuard<'_, ()> {
        let hash = self.lock_of.hash_one(key);
        let lock = usize::try_from(hash % LOCKS as u64).unwrap_or(0);
        self.locks[lock].lock().await
    }

    /// Locks a key and forgets it, before it is changed: if the caller goes away in the middle, memory holds nothing that SQL may no
    /// longer say, and while the lock is held nobody brings the key back.
    async fn change(&self, key: &str) -> MutexGuard<'_, ()> {
        let lock = self.lock(key).await;
        self.known.invalidate(key);
        lock
    }
}

fn cache<V: Clone + Send + Sync + 'static>(capacity: u64, seconds: u64) -> Cache<String, V> {
    Cache::builder().max_capacity(capacity).time_to_live(Duration::from_secs(seconds)).build()
}

fn info(row: Model) -> Result<ApiKeyInfo, Error> {
    let addresses = row.ip_allow_list.as_deref().map(addresses_from_text).transpose();
    let addresses = addresses.map_err(|error| Error::Unusable { id: row.id, reason: error.to_string() })?;
    let unknown =
        || Error::Unusable { id: row.id, reason: format!("this version does not know the kind {:?}", row.kind) };
    Ok(ApiKeyInfo {
        id: row.id,
        kind: KeyKind::from_name(&row.kind).ok_or_else(unknown)?,
        key: row.key,
        label: row.label,
        permissions: Permissions { read: row.may_read, trade: row.may_trade },
        addresses: addresses.unwrap_or_default(),
        created_at_us: from_sql(row.created_at_us),
        revoked_at_us: row.revoked_at_us.map(from_sql),
        last_used_us: row.last_used_us.map(from_sql),
    })
}

/// SQL has no unsigned integers; the largest signed one is in the year 294,247.
fn to_sql(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX)
}

fn from_sql(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0)
}
