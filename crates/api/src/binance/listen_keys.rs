//! The listen keys of all accounts, in memory: a restart voids them, as it ends the connections that use them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::AccountId;
use parking_lot::Mutex;
use runtime::entropy::{Random, alphanumeric};
use runtime::secrets::Secret;
use tokio_util::sync::CancellationToken;

use crate::Error;

/// How long a key is good after it was asked for or kept alive.
pub const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Most keys at a time, one an account; some hundred bytes each.
pub const MAX_KEYS: usize = 100_000;

const LIFETIME_US: u64 = 60 * 60 * 1_000_000;
/// Letters and digits of a key: 62^60 possibilities.
const LENGTH: usize = 60;
/// API keys that one listen key remembers: as many as an account may have at a time. Beyond it the key ends, and another is made.
const MAX_API_KEYS: usize = 30;

/// One account's listen key. Whoever knows it may listen, so that it is shown to nobody but its owner.
#[derive(Debug)]
pub struct ListenKey {
    name: Secret<String>,
    account: AccountId,
    /// When it expires, in microseconds of the clock that never goes back.
    until_us: AtomicU64,
    /// The API keys that asked for it or kept it alive: it is good for as long as all of them are.
    api_keys: Mutex<Vec<String>>,
    ended: CancellationToken,
}

impl ListenKey {
    /// The key itself.
    pub fn name(&self) -> &str {
        self.name.expose()
    }

    /// Whose events are told under it.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// How long it is good from now on; `None` when it has ended.
    pub fn time_left(&self, now_us: u64) -> Option<Duration> {
        let left = self.until_us.load(Ordering::Acquire).saturating_sub(now_us);
        (left > 0 && !self.ended.is_cancelled()).then(|| Duration::from_micros(left))
    }

    /// The API keys that asked for it or kept it alive.
    pub fn api_keys(&self) -> Vec<String> {
        self.api_keys.lock().clone()
    }

    /// Makes it good for another [`LIFETIME`]; `false` when more API keys have used it than are remembered.
    fn extend(&self, api_key: &str, now_us: u64) -> bool {
        let mut api_keys = self.api_keys.lock();
        if !api_keys.iter().any(|known| known == api_key) {
            if api_keys.len() == MAX_API_KEYS {
                return false;
            }
            api_keys.push(api_key.to_owned());
        }
        self.until_us.store(now_us + LIFETIME_US, Ordering::Release);
        true
    }

    /// Waits until it was closed, or found to have expired.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

/// The listen keys: at most one an account and [`MAX_KEYS`] in all.
#[derive(Default)]
pub struct ListenKeys(Mutex<Keys>);

#[derive(Default)]
struct Keys {
    by_account: HashMap<AccountId, Arc<ListenKey>>,
    accounts: HashMap<Arc<str>, AccountId>,
}

impl fmt::Debug for ListenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenKeys").field("keys", &self.0.lock().by_account.len()).finish()
    }
}

impl ListenKeys {
    /// The account's key, good for another [`LIFETIME`]; a new one when it has none.
    ///
    /// # Errors
    /// [`Error::Busy`] when there are [`MAX_KEYS`] live ones.
    pub fn open(
        &self,
        account: AccountId,
        api_key: &str,
        random: &dyn Random,
        now_us: u64,
    ) -> Result<Arc<ListenKey>, Error> {
        let mut keys = self.0.lock();
        if let Some(key) = keys.live(account, now_us) {
            if key.extend(api_key, now_us) {
                return Ok(key);
            }
            keys.remove(account);
        }
        if keys.by_account.len() >= MAX_KEYS {
            let known: Vec<AccountId> = keys.by_account.keys().copied().collect();
            for account in known {
                keys.live(account, now_us);
            }
            if keys.by_account.len() >= MAX_KEYS {
                return Err(Error::Busy);
            }
        }
        let name = alphanumeric(random, LENGTH);
        keys.accounts.insert(name.expose().as_str().into(), account);
        let (until_us, ended) = (AtomicU64::new(now_us + LIFETIME_US), CancellationToken::new());
        let api_keys = Mutex::new(vec![api_key.to_owned()]);
        let key = Arc::new(ListenKey { name, account, until_us, api_keys, ended });
        keys.by_account.insert(account, Arc::clone(&key));
        Ok(key)
    }

    /// Makes the account's key good for another [`LIFETIME`].
    ///
    /// # Errors
    /// [`Error::UnknownListenKey`] when it is not the account's, or has ended.
    pub fn keep_alive(&self, account: AccountId, name: &str, api_key: &str, now_us: u64) -> Result<(), Error> {
        let mut keys = self.0.lock();
        if keys.of(account, name, now_us)?.extend(api_key, now_us) {
            return Ok(());
        }
        keys.remove(account);
        Err(Error::UnknownListenKey)
    }

    /// Ends the account's key.
    ///
    /// # Errors
    /// As [`ListenKeys::keep_alive`].
    pub fn close(&self, account: AccountId, name: &str, now_us: u64) -> Result<(), Error> {
        let mut keys = self.0.lock();
        keys.of(account, name, now_us)?;
        keys.remove(account);
        Ok(())
    }

    /// The live key of this name.
    pub fn find(&self, name: &str, now_us: u64) -> Option<Arc<ListenKey>> {
        if name.len() != LENGTH {
            return None;
        }
        let mut keys = self.0.lock();
        let account = *keys.accounts.get(name)?;
        keys.live(account, now_us)
    }
}

impl Keys {
    /// The account's key, unless it has expired: then it is dropped.
    fn live(&mut self, account: AccountId, now_us: u64) -> Option<Arc<ListenKey>> {
        let key = self.by_account.get(&account)?;
        if key.time_left(now_us).is_some() {
            return Some(Arc::clone(key));
        }
        self.remove(account);
        None
    }

    fn of(&mut self, account: AccountId, name: &str, now_us: u64) -> Result<Arc<ListenKey>, Error> {
        let named = self.accounts.get(name) == Some(&account);
        self.live(account, now_us).filter(|_| named).ok_or(Error::UnknownListenKey)
    }

    fn remove(&mut self, account: AccountId) {
        if let Some(key) = self.by_account.remove(&account) {
            self.accounts.remove(key.name());
            key.ended.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LIFETIME_US, ListenKeys, MAX_API_KEYS, MAX_KEYS};
    use model::AccountId;
    use runtime::entropy::SeededRandom;

    const A: AccountId = AccountId(1);
    const B: AccountId = AccountId(2);

    #[test]
    fn a_key_lives_an_hour_after_it_was_last_kept_alive() {
        let (keys, random) = (ListenKeys::default(), SeededRandom::new(1));
        let key = keys.open(A, "k", &random, 0).unwrap();
        assert!(key.name().len() == 60 && key.name().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(keys.open(A, "k", &random, 10).unwrap().name(), key.name(), "one key an account");
        assert!(keys.keep_alive(A, key.name(), "k", LIFETIME_US).is_ok());
        assert!(keys.find(key.name(), LIFETIME_US * 2 - 1).is_some());
        assert!(key.time_left(LIFETIME_US * 2 - 1).is_some() && key.time_left(LIFETIME_US * 2).is_none());
        assert!(keys.find(key.name(), LIFETIME_US * 2).is_none());
        assert!(key.ended.is_cancelled(), "who listens is told");
        assert!(keys.keep_alive(A, key.name(), "k", LIFETIME_US * 2).is_err());
        assert_ne!(keys.open(A, "k", &random, LIFETIME_US * 2).unwrap().name(), key.name());
    }

    #[test]
    fn a_key_is_its_accounts_alone() {
        let (keys, random) = (ListenKeys::default(), SeededRandom::new(1));
        let (a, b) = (keys.open(A, "k", &random, 0).unwrap(), keys.open(B, "k", &random, 0).unwrap());
        assert!(keys.keep_alive(B, a.name(), "k", 1).is_err() && keys.close(B, a.name(), 1).is_err());
        assert!(keys.close(A, "nonsense", 1).is_err());
        assert!(keys.close(A, a.name(), 1).is_ok());
        assert!(a.time_left(1).is_none() && keys.find(a.name(), 1).is_none());
        assert_eq!(keys.find(b.name(), 1).map(|key| key.account()), Some(B));
    }

    #[test]
    fn their_number_is_bounded_and_the_expired_make_room() {
        let (keys, random) = (ListenKeys::default(), SeededRandom::new(1));
        for account in 0..MAX_KEYS {
            keys.open(AccountId(u32::try_from(account).unwrap()), "k", &random, 0).unwrap();
        }
        let one_more = AccountId(u32::MAX);
        assert_eq!(keys.open(one_more, "k", &random, 1).unwrap_err().code(), -1008);
        assert!(keys.open(one_more, "k", &random, LIFETIME_US).is_ok());
        assert_eq!(keys.0.lock().by_account.len(), 1);
        assert_eq!(keys.0.lock().accounts.len(), 1);
    }

    #[test]
    fn a_key_remembers_who_used_it_and_ends_rather_than_forget() {
        let (keys, random) = (ListenKeys::default(), SeededRandom::new(1));
        let key = keys.open(A, "0", &random, 0).unwrap();
        for api_key in 1..MAX_API_KEYS {
            keys.keep_alive(A, key.name(), &api_key.to_string(), 0).unwrap();
        }
        keys.keep_alive(A, key.name(), "0", 0).unwrap();
        assert_eq!(key.api_keys().len(), MAX_API_KEYS);
        assert!(keys.keep_alive(A, key.name(), "one more", 0).is_err() && key.ended.is_cancelled());
        assert_ne!(keys.open(A, "0", &random, 0).unwrap().name(), key.name());
    }

    #[test]
    fn a_key_is_never_printed() {
        let keys = ListenKeys::default();
        let key = keys.open(A, "k", &SeededRandom::new(1), 0).unwrap();
        assert!(!format!("{keys:?} {key:?}").contains(key.name()));
    }
}
