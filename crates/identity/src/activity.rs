//! The log of what users did and what was done to them.

use db::page::{Keyset, Page};
use sea_orm::ConnectionTrait;

use crate::Error;
use crate::base::Base;
use crate::ports::Device;
use crate::store::{activity as store, from_sql};
use crate::user::UserId;

/// Old entries that one call of [`Activity::purge`] deletes at most.
const PURGED_AT_ONCE: u64 = 1_000;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Succeeded,
    /// It was refused.
    Failed,
}

impl Outcome {
    /// The name in the database and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// An entry to be written. The names are constants of the code, so they need no bound.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Whom it is about.
    pub user: UserId,
    /// Who did it, if somebody else.
    pub actor: Option<UserId>,
    /// `session`, `password`, `otp`, `account`.
    pub topic: &'static str,
    /// What was done.
    pub action: &'static str,
    /// How it ended.
    pub result: Outcome,
    /// More, for people; cut at 255 bytes.
    pub detail: Option<&'a str>,
    /// From where.
    pub device: Option<&'a Device>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this user; `None`: of all, for administrators.
    pub user: Option<UserId>,
    /// On this topic.
    pub topic: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// From this time on, in microseconds since 1970.
    pub from_us: Option<u64>,
    /// Before this time.
    pub until_us: Option<u64>,
}

/// An entry as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityInfo {
    /// The number of its row; newer entries have greater ones.
    pub id: i64,
    /// Whom it is about.
    pub user: UserId,
    /// Who did it, if somebody else.
    pub actor: Option<UserId>,
    /// When, in microseconds since 1970.
    pub at_us: u64,
    /// The topic.
    pub topic: String,
    /// What was done.
    pub action: String,
    /// `succeeded` or `failed`.
    pub result: String,
    /// More, for people.
    pub detail: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// From which country.
    pub country: Option<String>,
}

/// The log of all users.
#[derive(Debug, Clone)]
pub struct Activity {
    base: Base,
}

impl Activity {
    pub(crate) fn new(base: Base) -> Self {
        Self { base }
    }

    /// Writes an entry in the caller's transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn write(&self, write: &impl ConnectionTrait, entry: &Entry<'_>, now_us: u64) -> Result<(), Error> {
        Ok(store::insert(write, entry, now_us).await?)
    }

    /// Writes an entry by itself.
    ///
    /// # Errors
    /// The database's.
    pub async fn note(&self, entry: &Entry<'_>, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        store::insert(&write, entry, now_us).await?;
        Ok(write.commit().await?)
    }

    /// A page of entries, by the numbers of their rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(&self, filter: &Filter, keyset: &Keyset<i64>) -> Result<Page<ActivityInfo, i64>, Error> {
        let rows = store::page(self.base.db.read(), filter, keyset).await?;
        let page = keyset.page(rows, |row| row.id);
        Ok(Page { items: page.items.into_iter().map(info).collect(), next: page.next })
    }

    /// Deletes the oldest entries whose time is over, at most a thousand, and says how many. Call it about every hour, again while it
    /// deletes.
    ///
    /// # Errors
    /// The database's.
    pub async fn purge(&self, now_us: u64) -> Result<u64, Error> {
        let write = self.base.db.begin().await?;
        let before_us = now_us.saturating_sub(self.base.settings.activity_us());
        let purged = store::purge(&write, before_us, PURGED_AT_ONCE).await?;
        write.commit().await?;
        Ok(purged)
    }
}

fn info(row: store::Model) -> ActivityInfo {
    ActivityInfo {
        id: row.id,
        user: UserId(row.user_id),
        actor: row.actor_id.map(UserId),
        at_us: from_sql(row.at_us),
        topic: row.topic,
        action: row.action,
        result: row.result,
        detail: row.detail,
        ip: row.ip,
        user_agent: row.user_agent,
        country: row.country,
    }
}
