use db::Db;
use tokio::sync::{Mutex, MutexGuard};

use crate::{Error, Outcome, Query, Request, Transfer, store};

/// Transfers that one page lists at most.
pub const MOST_LISTED: u32 = 500;

/// What was asked for, and what became of it. One of these for each database, or positions would be given twice.
#[derive(Debug)]
pub struct Transfers {
    db: Db,
    turn: Mutex<()>,
}

/// The right to begin and settle: only one has it at a time.
#[derive(Debug)]
pub struct Turn<'a> {
    db: &'a Db,
    _guard: MutexGuard<'a, ()>,
}

impl Transfers {
    /// The transfers in a database.
    pub fn new(db: Db) -> Self {
        Self { db, turn: Mutex::new(()) }
    }

    /// Waits until nobody else begins or settles.
    pub async fn turn(&self) -> Turn<'_> {
        Turn { _guard: self.turn.lock().await, db: &self.db }
    }

    /// A page of the master's transfers, newest first, at most [`MOST_LISTED`]; and how many there are on all pages.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, master: u32, query: &Query) -> Result<(Vec<Transfer>, u64), Error> {
        let query = Query { limit: query.limit.clamp(1, MOST_LISTED), ..query.clone() };
        store::list(self.db.read(), master, &query).await
    }
}

impl Turn<'_> {
    /// The transfer whose outcome is not known: it must be settled before another one begins.
    ///
    /// # Errors
    /// The database's.
    pub async fn pending(&self) -> Result<Option<Transfer>, Error> {
        Ok(store::last(self.db.read()).await?.filter(|last| last.outcome == Outcome::Pending))
    }

    /// The transfer that was asked for in these very words before.
    ///
    /// # Errors
    /// [`Error::ClientIdTaken`] when the client's id was used for another one, or the database's.
    pub async fn known(&self, request: &Request) -> Result<Option<Transfer>, Error> {
        let Some(client_id) = &request.client_id else { return Ok(None) };
        match store::by_client_id(self.db.read(), request.master, client_id).await? {
            Some(known) if known.request != *request => Err(Error::ClientIdTaken),
            known => Ok(known),
        }
    }

    /// Writes a transfer down. When this returns, it survives a loss of power, and its command may be sent.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self, request: Request, now_us: u64) -> Result<Transfer, Error> {
        let write = self.db.begin().await?;
        let position = store::last(&write).await?.map_or(1, |last| last.position + 1);
        let transfer = Transfer { position, request, asked_at_us: now_us, outcome: Outcome::Pending };
        store::insert(&write, &transfer).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(transfer)
    }

    /// Notes what became of a transfer. After a loss of power it may be pending again.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle(&self, position: u64, outcome: Outcome) -> Result<(), Error> {
        let write = self.db.begin().await?;
        store::set_outcome(&write, position, outcome).await?;
        write.commit().await?;
        Ok(())
    }

    /// Forgets a transfer whose command was certainly not taken; its position is free again.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget(&self, position: u64) -> Result<(), Error> {
        let write = self.db.begin().await?;
        store::delete(&write, position).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(())
    }
}
