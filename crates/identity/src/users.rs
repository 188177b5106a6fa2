//! All users: made and found in SQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use db::Db;
use db::page::{Keyset, Page};
use moka::sync::Cache;
use runtime::entropy::Random;
use sea_orm::ConnectionTrait;

use crate::access::Role;
use crate::email::Email;
use crate::ports::Accounts;
use crate::store::user as store;
use crate::user::{ACCOUNT_BASE, Uid, User, UserId, UserKind, UserState, locale_or_english};
use crate::{Error, Refusal};

/// How long a user found in SQL is believed: another process's change takes so long to reach this one.
pub const USER_CACHE_SECONDS: u64 = 5;

/// Users kept in memory, some hundred bytes each.
const CACHED: u64 = 100_000;
/// Accounts that one call of [`Users::open_accounts`] opens at most.
const OPENED_AT_ONCE: u64 = 100;

/// What a new user begins with.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    /// Its address, if it has one.
    pub email: Option<&'a Email>,
    /// Where it stands.
    pub state: UserState,
    /// The language of its letters.
    pub locale: &'a str,
    /// What stands behind it.
    pub kind: UserKind,
    /// Whose part it is.
    pub parent: Option<UserId>,
    /// Its role.
    pub role: Role,
    /// The engine's account; `None`: [`ACCOUNT_BASE`] and the number of the row.
    pub account: Option<u32>,
}

impl<'a> NewUser<'a> {
    /// Signed up by e-mail; the address is not verified yet.
    pub fn pending(email: &'a Email, locale: &'a str) -> Self {
        Self { email: Some(email), state: UserState::Pending, ..Self::external(locale) }
    }

    /// Known by a proof of something else than an address: a wallet, another site's word. Active at once.
    pub fn external(locale: &'a str) -> Self {
        Self {
            email: None,
            state: UserState::Active,
            locale,
            kind: UserKind::Person,
            parent: None,
            role: Role::member(),
            account: None,
        }
    }
}

/// The users of the exchange. Cheap to clone; one origin per process, because the others would not hear of changes at once.
#[derive(Debug, Clone)]
pub struct Users {
    db: Db,
    random: Arc<dyn Random>,
    accounts: Arc<dyn Accounts>,
    /// Users that asked for something lately.
    known: Cache<UserId, User>,
    /// Counts changes, so that nobody keeps what he read before one.
    changes: Arc<AtomicU64>,
}

impl Users {
    /// The users in `db`, whose accounts `accounts` opens.
    pub fn new(db: Db, random: Arc<dyn Random>, accounts: Arc<dyn Accounts>) -> Self {
        let known = Cache::builder().max_capacity(CACHED).time_to_live(Duration::from_secs(USER_CACHE_SECONDS)).build();
        Self { db, random, accounts, known, changes: Arc::default() }
    }

    /// Makes a user in the caller's transaction. After the commit, call [`open_account`](Self::open_account) with it.
    ///
    /// # Errors
    /// The database's: that the address is taken is one that [`db::Error::is_unique_violation`] tells; on PostgreSQL the transaction is
    /// then void.
    pub async fn create(&self, write: &impl ConnectionTrait, new: NewUser<'_>, now_us: u64) -> Result<User, Error> {
        let row = store::New {
            uid: Uid::generate(&*self.random),
            email: new.email,
            state: new.state,
            role: &new.role,
            locale: locale_or_english(new.locale),
            kind: new.kind,
            parent: new.parent,
            now_us,
        };
        let id = store::insert(write, row).await?;
        let account = match new.account {
            Some(account) => account,
            None => u32::try_from(id).ok().and_then(|id| ACCOUNT_BASE.checked_add(id)).ok_or(Error::TooManyUsers)?,
        };
        store::set_account(write, UserId(id), account).await?;
        self.by_id_in(write, UserId(id)).await?.ok_or(Error::Refused(Refusal::NoSuchUser))
    }

    /// Opens the engine's account of a user that was just made, and notes that it is open.
    ///
    /// # Errors
    /// The engine's, or the database's. [`open_accounts`](Self::open_accounts) makes up for it later.
    pub async fn open_account(&self, user: &User, now_us: u64) -> Result<(), Error> {
        let parent = match user.parent {
            Some(parent) => self.by_id(parent).await?.map(|parent| parent.account),
            None => None,
        };
        self.accounts.open(user.account, parent).await.map_err(Error::Port)?;
        let write = self.db.begin().await?;
        store::set_account_opened(&write, user.id, now_us).await?;
        write.commit().await?;
        Ok(())
    }

    /// Opens the accounts that are not known to be open, because the engine or this program stopped in between; the oldest first, at
    /// most a hundred. Says how many. Call it at the start and every few minutes.
    ///
    /// # Errors
    /// The first one of the engine or the database.
    pub async fn open_accounts(&self, now_us: u64) -> Result<usize, Error> {
        let users = store::without_account(self.db.read(), OPENED_AT_ONCE).await?;
        for user in &users {
            self.open_account(user, now_us).await?;
        }
        Ok(users.len())
    }

    /// By the number of its row.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_id(&self, id: UserId) -> Result<Option<User>, Error> {
        self.by_id_in(self.db.read(), id).await
    }

    /// By the number of its row, as the caller's transaction sees it.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_id_in(&self, read: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, Error> {
        store::by_id(read, id).await
    }

    /// By the number of its row, from memory for a few seconds: for every request. What this process changes is seen at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn current(&self, id: UserId) -> Result<Option<User>, Error> {
        if let Some(known) = self.known.get(&id) {
            return Ok(Some(known));
        }
        let before = self.changes.load(Ordering::SeqCst);
        let user = self.by_id(id).await?;
        if let Some(user) = &user {
            self.known.insert(id, user.clone());
            // It may have been read before a change and put here after the change cleared its place.
            if self.changes.load(Ordering::SeqCst) != before {
                self.known.invalidate(&id);
            }
        }
        Ok(user)
    }

    /// Forgets what memory holds of a user. Whoever changes one calls this after the commit.
    pub(crate) fn changed(&self, id: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate(&id);
    }

    /// By its public name.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_uid(&self, uid: &Uid) -> Result<Option<User>, Error> {
        store::by_uid(self.db.read(), uid).await
    }

    /// By its address.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_email(&self, email: &Email) -> Result<Option<User>, Error> {
        store::by_email(self.db.read(), email).await
    }

    /// By its account in the engine.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_account(&self, account: u32) -> Result<Option<User>, Error> {
        store::by_account(self.db.read(), account).await
    }

    /// A page of users, for administrators: those in a state, or with an address.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(
        &self,
        state: Option<UserState>,
        email: Option<&Email>,
        keyset: &Keyset<i64>,
    ) -> Result<Page<User, i64>, Error> {
        let users = store::page(self.db.read(), state, email.map(Email::key), keyset).await?;
        Ok(keyset.page(users, |user| user.id.0))
    }
}
