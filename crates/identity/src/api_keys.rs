//! All API keys: made and revoked in SQL, found in memory.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use moka::sync::Cache;
use runtime::entropy::{Random, alphanumeric};
use runtime::secrets::{SealingKey, Secret};
use sea_orm::ConnectionTrait;
use tokio::sync::{Mutex, MutexGuard};

use db::Db;
use db::page::{Keyset, Page};

use crate::Error;
use crate::api_key::ApiKey;
use crate::key_info::{ApiKeyInfo, info};
use crate::key_terms::{self, KeyChange, KeyTerms, MAX_ADDRESSES, addresses_to_text};
use crate::kind::KeyKind;
use crate::public_key::PublicKey;
use crate::store::{api_key as store, to_sql};

/// Live keys that one account may have; the figure of Binance.
pub const MAX_LIVE_KEYS: u64 = 30;
/// Keys that [`ApiKeys::list`] shows at most, the newest first.
pub const MAX_LISTED: u64 = 100;
/// How long a key found in SQL is believed. Another process's revocation or block takes so long to reach this one.
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
    /// [`Error::Label`], [`Error::TooManyKeys`], [`Error::TooManyAddresses`], [`Error::Expiry`], or the database's.
    pub async fn create(
        &self,
        account_id: i64,
        label: &str,
        terms: impl Into<KeyTerms>,
        now_us: u64,
    ) -> Result<Created, Error> {
        let secret = alphanumeric(&*self.random, KEY_CHARS);
        let material = Material { kind: KeyKind::Hmac, sealed: secret.expose().as_bytes(), public_key: None };
        let key = self.insert(account_id, label, &terms.into(), now_us, material).await?;
        Ok(Created { key, secret })
    }

    /// Makes a key for `account_id` that signs with the private key of `public_key`, and gives its name, 64 ASCII letters and digits.
    /// When this returns, the key survives a loss of power.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn register(
        &self,
        account_id: i64,
        label: &str,
        terms: impl Into<KeyTerms>,
        public_key: &PublicKey,
        now_us: u64,
    ) -> Result<String, Error> {
        let der = public_key.der();
        let material = Material { kind: public_key.kind(), sealed: der, public_key: Some(der) };
        self.insert(account_id, label, &terms.into(), now_us, material).await
    }

    async fn insert(
        &self,
        account_id: i64,
        label: &str,
        terms: &KeyTerms,
        now_us: u64,
        material: Material<'_>,
    ) -> Result<String, Error> {
        let key = alphanumeric(&*self.random, KEY_CHARS).expose().clone();
        let row = store::New {
            key: &key,
            kind: material.kind.name(),
            sealed_secret: self.sealing.seal(&*self.random, &material.kind.sealed_to(&key), material.sealed),
            public_key: material.public_key.map(<[u8]>::to_vec),
            account_id,
            label: key_terms::label(label)?,
            permissions: terms.permissions,
            addresses: addresses_to_text(&terms.addresses)?,
            expires_at_us: key_terms::expiry(terms.expires_at_us, now_us)?,
            created_at_us: to_sql(now_us),
        };
        let write = self.db.begin().await?;
        // Two that are made at the same moment on PostgreSQL may both pass at 29: the bound keeps lists short, it guards nothing.
        if store::count_live(&write, account_id, to_sql(now_us)).await? >= MAX_LIVE_KEYS {
            return Err(Error::TooManyKeys);
        }
        store::insert(&write, row).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(key)
    }

    /// The key if memory has it: `Some(None)` says that there is no such live key, `None` that memory does not know; then ask
    /// [`find`](Self::find).
    pub fn cached(&self, key: &str, now_us: u64) -> Option<Option<Arc<ApiKey>>> {
        if let Some(found) = self.known.get(key) {
            return Some((!found.is_expired(now_us)).then_some(found));
        }
        let impossible = key.len() != KEY_CHARS || !key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (impossible || self.absent.contains_key(key)).then_some(None)
    }

    /// The live key of this name. `None`: malformed, unknown, revoked, expired, or of a blocked account.
    ///
    /// # Errors
    /// [`Error::Unusable`] if its row cannot be used, or the database's.
    pub async fn find(&self, key: &str, now_us: u64) -> Result<Option<Arc<ApiKey>>, Error> {
        if let Some(known) = self.cached(key, now_us) {
            return Ok(known);
        }
        let _lock = self.lock(key).await;
        // Whoever held the lock before may have brought it.
        if let Some(known) = self.cached(key, now_us) {
            return Ok(known);
        }
        let Some(row) = store::find_live(self.db.read(), key).await? else {
            self.absent.insert(key.to_owned(), ());
            return Ok(None);
        };
        let found = Arc::new(ApiKey::from_row(row, &self.sealing)?);
        self.known.insert(key.to_owned(), found.clone());
        Ok((!found.is_expired(now_us)).then_some(found))
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

    /// Revokes all keys of the account, for ever, and says how many there were. When this returns, they stay revoked after a loss of
    /// power.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke_all(&self, account_id: i64, now_us: u64) -> Result<u64, Error> {
        let _locks = self.change_all(account_id).await;
        let write = self.db.begin().await?;
        let revoked = store::revoke_all(&write, account_id, to_sql(now_us)).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(revoked)
    }

    /// Changes a live key of the account, which keeps its name and its secret. `false`: the account has no such live key. An expired
    /// key is given new life by a later time. When this returns `true`, the change survives a loss of power.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::TooManyAddresses`], [`Error::Expiry`], or the database's.
    pub async fn edit(&self, account_id: i64, key: &str, change: &KeyChange, now_us: u64) -> Result<bool, Error> {
        let change = store::Change {
            label: change.label.as_deref().map(key_terms::label).transpose()?,
            permissions: change.permissions,
            addresses: change.addresses.as_deref().map(addresses_to_text).transpose()?,
            expires_at_us: change.expires_at_us.map(|us| key_terms::expiry(us, now_us)).transpose()?,
        };
        let _lock = self.change(key).await;
        let write = self.db.begin().await?;
        let changed = store::change(&write, account_id, key, change).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(changed)
    }

    /// Binds a live key of the account to these addresses; none frees it. `false`: the account has no such live key.
    ///
    /// # Errors
    /// [`Error::TooManyAddresses`], or the database's.
    pub async fn set_ip_allow_list(&self, account_id: i64, key: &str, addresses: &[IpAddr]) -> Result<bool, Error> {
        let addresses = addresses.iter().take(MAX_ADDRESSES + 1).map(|address| IpNet::from(*address)).collect();
        // No time is changed by this, so it does not matter what time it is.
        self.edit(account_id, key, &KeyChange { addresses: Some(addresses), ..KeyChange::default() }, 0).await
    }

    /// Refuses all keys of the account, present and future ones, until [`unblock`](Self::unblock): in this process from now on, in
    /// others within [`CACHE_SECONDS`]. When this returns, the account stays blocked after a loss of power. `false`: it was blocked.
    ///
    /// # Errors
    /// The database's.
    pub async fn block(&self, account_id: i64, now_us: u64) -> Result<bool, Error> {
        let _locks = self.change_all(account_id).await;
        let write = self.db.begin().await?;
        let blocked = self.block_in(&write, account_id, now_us).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(blocked)
    }

    /// [`block`](Self::block) within the caller's transaction, as when its owner is frozen. After the commit the caller calls
    /// [`forget`](Self::forget), by which it takes effect here at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn block_in(&self, write: &impl ConnectionTrait, account_id: i64, now_us: u64) -> Result<bool, Error> {
        Ok(store::block(write, account_id, to_sql(now_us)).await?)
    }

    /// [`unblock`](Self::unblock) within the caller's transaction; after the commit the caller calls [`forget`](Self::forget).
    ///
    /// # Errors
    /// The database's.
    pub async fn unblock_in(&self, write: &impl ConnectionTrait, account_id: i64) -> Result<bool, Error> {
        Ok(store::unblock(write, account_id).await?)
    }

    /// Drops the account's keys from memory: each is read from SQL again at its next use.
    pub async fn forget(&self, account_id: i64) {
        // Which of the absent ones are the account's is not known; the others are read again.
        self.absent.invalidate_all();
        self.change_all(account_id).await;
    }

    /// Lets the account's keys be used again: in this process from now on, in others within five seconds. `false`: it was not blocked.
    ///
    /// # Errors
    /// The database's.
    pub async fn unblock(&self, account_id: i64) -> Result<bool, Error> {
        let _locks = self.change_all(account_id).await;
        // Which of the absent ones are the account's is not known; the others are read again.
        self.absent.invalidate_all();
        let write = self.db.begin().await?;
        let unblocked = store::unblock(&write, account_id).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(unblocked)
    }

    /// The account's keys, revoked ones too, the newest first; at most [`MAX_LISTED`].
    ///
    /// # Errors
    /// [`Error::Unusable`] if a row cannot be read, or the database's.
    pub async fn list(&self, account_id: i64) -> Result<Vec<ApiKeyInfo>, Error> {
        let rows = store::list(self.db.read(), account_id, MAX_LISTED).await?;
        rows.into_iter().map(info).collect()
    }

    /// A page of the account's keys, revoked and expired ones too, by the numbers of their rows.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn page(&self, account_id: i64, keyset: &Keyset<i64>) -> Result<Page<ApiKeyInfo, i64>, Error> {
        let rows = store::page(self.db.read(), account_id, keyset).await?;
        let rows = rows.into_iter().map(info).collect::<Result<Vec<_>, _>>()?;
        Ok(keyset.page(rows, |key| key.id))
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

    /// Locks all keys, in the order of the locks so that two who do this do not wait for each other, and forgets the account's before
    /// they are changed, as [`change`](Self::change) does. It looks at all keys in memory: some milliseconds' work at the most.
    async fn change_all(&self, account_id: i64) -> Vec<MutexGuard<'_, ()>> {
        let mut held = Vec::with_capacity(LOCKS);
        for lock in &self.locks {
            held.push(lock.lock().await);
        }
        for (name, key) in &self.known {
            if key.account_id() == account_id {
                self.known.invalidate(name.as_str());
            }
        }
        held
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
