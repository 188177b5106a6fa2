//! The mailbox of a development server: letters that go nowhere.

use std::sync::Arc;

use db::Db;
use runtime::clock::Clock;

use crate::{Error, Letter, Rendered, store};

/// A letter in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// To whom it was written.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it was written, in microseconds since 1970.
    pub written_at_us: u64,
}

/// A letter with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What a list says of it.
    pub entry: Entry,
    /// Name of its template.
    pub template: String,
    /// Code of its language.
    pub locale: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// Letters of a development server, the newest ones, with their tokens in the clear: whoever can open its page can act for every
/// user. Never for a server with users. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailbox {
    db: Db,
    clock: Arc<dyn Clock>,
    capacity: u64,
}

impl Mailbox {
    /// The mailbox in a database, for the newest `capacity` letters.
    pub fn new(db: Db, clock: Arc<dyn Clock>, capacity: u32) -> Self {
        Self { db, clock, capacity: u64::from(capacity.max(1)) }
    }

    /// Puts a letter in; one that is there already stays as it is. When the mailbox is full, the oldest letter goes.
    ///
    /// # Errors
    /// The database's.
    pub async fn store(&self, letter: &Letter, rendered: &Rendered) -> Result<(), Error> {
        let write = self.db.begin().await?;
        store::insert(&write, store::row(letter, rendered, self.clock.now_us())).await?;
        store::shorten(&write, self.capacity).await?;
        write.commit().await?;
        Ok(())
    }

    /// The newest letters, at most as many as the mailbox holds; all, or those to one address.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, to: Option<&str>) -> Result<Vec<Entry>, Error> {
        let heads = store::list(self.db.read(), to, self.capacity).await?;
        let entry = |head: store::Head| entry(head.id, head.recipient, head.subject, head.written_at_us);
        Ok(heads.into_iter().map(entry).collect())
    }

    /// One letter.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, id: i64) -> Result<Option<Stored>, Error> {
        let stored = |row: store::Model| Stored {
            entry: entry(row.id, row.recipient, row.subject, row.written_at_us),
            template: row.template,
            locale: row.locale,
            text: row.text,
            html: row.html,
        };
        Ok(store::get(self.db.read(), id).await?.map(stored))
    }

    /// Throws all letters away; gives how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn clear(&self) -> Result<u64, Error> {
        let write = self.db.begin().await?;
        let gone = store::clear(&write).await?;
        write.commit().await?;
        Ok(gone)
    }
}

fn entry(id: i64, to: String, subject: String, written_at_us: i64) -> Entry {
    Entry { id, to, subject, written_at_us: written_at_us.cast_unsigned() }
}
