//! Events into SQL.

mod state;
mod work;

use std::{sync::Arc, time::Duration};

use db::{Backend, Db};
use model::{Batch, Sequence};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use tokio::sync::watch;

use crate::{
    Error, FollowError,
    store::{self, Inserts, entity::checkpoint},
};
use state::State;
pub(crate) use state::{STORED, seconds};
use work::Work;

/// Most commands of one transaction.
const STEPS: usize = 8_192;
/// Rows after which a transaction ends, unless another number is asked for.
const ROWS: usize = 50_000;

/// How far the tables are, for whoever reads them. Follows the projector; stays at the last value when it is gone.
#[derive(Debug, Clone)]
pub struct Progress(watch::Receiver<Sequence>);

impl Progress {
    /// The last command that the tables contain.
    pub fn sequence(&self) -> Sequence {
        *self.0.borrow()
    }

    /// Waits until the tables contain this command, at most so long; whether they do.
    pub async fn wait_for(&self, sequence: Sequence, limit: Duration) -> bool {
        let mut watched = self.0.clone();
        let arrived = watched.wait_for(|&held| held >= sequence);
        matches!(tokio::time::timeout(limit, arrived).await, Ok(Ok(_)))
    }
}

/// Writes the tables `projections_*`. There must be one at a time; a second one is refused when it writes.
#[derive(Debug)]
pub struct Projector {
    db: Db,
    inserts: Inserts,
    most_rows: usize,
    /// What following needs; gone after an error, and then loaded again, since it may be ahead of the tables.
    state: Option<State>,
    progress: watch::Sender<Sequence>,
}

impl Projector {
    /// Goes on where the tables are. The migrations must have been applied.
    ///
    /// # Errors
    /// [`Error::Database`], or [`Error::Corrupt`] when the tables hold what nobody writes.
    pub async fn open(db: Db) -> Result<Self, Error> {
        Self::with_batch_commands(db, ROWS).await
    }

    /// The same; a transaction ends once it has about so many rows, and after 8,192 commands in any case.
    ///
    /// # Errors
    /// As [`Projector::open`].
    pub async fn with_batch_commands(db: Db, rows: usize) -> Result<Self, Error> {
        let state = State::load(&db).await?;
        let (progress, _) = watch::channel(state.sequence);
        let inserts = Inserts::new(db.backend());
        Ok(Self { db, inserts, most_rows: rows.max(1), state: Some(state), progress })
    }

    /// The last command that the tables contain.
    pub fn checkpoint(&self) -> Sequence {
        *self.progress.borrow()
    }

    /// How far the tables are, for others.
    pub fn progress(&self) -> Progress {
        Progress(self.progress.subscribe())
    }

    /// Follows the events of batches, in one or more transactions, each with its checkpoint. Commands that the tables
    /// contain already are skipped. Gives the checkpoint.
    ///
    /// # Errors
    /// [`Error::Follow`] when a command is missing or does not fit, [`Error::Contended`] when another projector writes,
    /// else what the database said. What was committed before stays; the call may be repeated with the same batches.
    pub async fn apply(&mut self, batches: &[Arc<Batch>]) -> Result<Sequence, Error> {
        let mut state = match self.state.take() {
            Some(state) => state,
            None => {
                let state = State::load(&self.db).await?;
                // A commit whose answer was lost may have been carried out.
                self.progress.send_replace(state.sequence);
                state
            }
        };
        state.load_positions(&self.db, batches).await?;
        let mut work = Work::default();
        for (step, events) in batches.iter().flat_map(|batch| batch.iter()) {
            if step.sequence <= state.sequence {
                continue;
            }
            let expected = Sequence(state.sequence.0 + 1);
            if step.sequence != expected {
                return Err(FollowError::Gap { expected, found: step.sequence }.into());
            }
            work.step(&mut state, step, events)
                .map_err(|what| FollowError::Diverged { sequence: step.sequence, what })?;
            if work.steps() >= STEPS || work.rows() >= self.most_rows {
                self.write(std::mem::take(&mut work), state.sequence).await?;
            }
        }
        self.write(work, state.sequence).await?;
        let sequence = state.sequence;
        self.state = Some(state);
        Ok(sequence)
    }

    async fn write(&mut self, work: Work, sequence: Sequence) -> Result<(), Error> {
        if work.steps() == 0 {
            return Ok(());
        }
        let write = self.db.begin().await?;
        let before = self.checkpoint();
        // First, because on PostgreSQL it locks out another projector.
        let text = format!(
            "UPDATE projections_checkpoint SET sequence = {} WHERE id = 1 AND sequence = {}",
            sequence.0, before.0
        );
        let moved = write.execute_raw(Statement::from_string(self.inserts.dialect(), text)).await?;
        if moved.rows_affected() != 1 {
            return Err(Error::Contended { expected: before });
        }
        for (table, rows) in work.into_rows() {
            self.inserts.insert(&write, table, rows).await?;
        }
        write.commit().await?;
        self.progress.send_replace(sequence);
        Ok(())
    }

    /// Empties the tables, in one transaction: what follows is to be applied from the first command on.
    ///
    /// # Errors
    /// What the database said; nothing was changed then.
    pub async fn clear(&mut self) -> Result<(), Error> {
        self.state = None;
        let write = self.db.begin().await?;
        let all = store::ALL.iter().map(|table| table.name).filter(|&name| name != store::CHECKPOINT.name);
        match self.db.backend() {
            // SQLite drops the pages of a table when all its rows are deleted; PostgreSQL would visit each row.
            Backend::Sqlite => {
                for table in all {
                    write.execute_unprepared(&format!("DELETE FROM {table}")).await?;
                }
            }
            Backend::Postgres => {
                let tables: Vec<&str> = all.collect();
                write.execute_unprepared(&format!("TRUNCATE {}", tables.join(", "))).await?;
            }
        }
        write.execute_unprepared("UPDATE projections_checkpoint SET sequence = 0 WHERE id = 1").await?;
        write.commit().await?;
        self.progress.send_replace(Sequence(0));
        Ok(())
    }
}

/// The stored checkpoint.
async fn checkpoint(db: &Db) -> Result<Sequence, Error> {
    let row = checkpoint::Entity::find_by_id(1).one(db.read()).await?;
    let row = row.ok_or(Error::Corrupt { table: store::CHECKPOINT.name, what: "the only row is missing" })?;
    Ok(Sequence(store::unsigned(row.sequence)))
}
