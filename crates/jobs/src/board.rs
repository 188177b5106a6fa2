//! What administrators see of jobs, and what they can do with them. The doors call this; a page shows it.

use db::page::{Keyset, Page};
use serde::Serialize;
use serde_json::Value;

use crate::store::board::{self, Wanted};
use crate::store::job::{self, Place};
use crate::store::{self, error, from_time};
use crate::{Error, Jobs, Limits, State};

/// Jobs of one state that are counted; of more it is told that there are this many.
pub const MOST_COUNTED: u32 = 100_000;
/// Failures of a job that are shown.
const MOST_ERRORS: u64 = 100;
/// Jobs that one call cleans away, at most.
pub const MOST_CLEANED: u32 = 100_000;

/// How many jobs a queue has of each state, none counted beyond [`MOST_COUNTED`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Due.
    pub waiting: u64,
    /// Not due yet.
    pub delayed: u64,
    /// With a worker.
    pub running: u64,
    /// Done, and still kept.
    pub done: u64,
    /// Dead letters.
    pub dead: u64,
    /// Given up.
    pub cancelled: u64,
}

/// A queue with what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueStatus {
    /// Its name.
    pub name: String,
    /// Whether no job is given out.
    pub paused: bool,
    /// Its limits.
    pub limits: Limits,
    /// What is in it.
    pub counts: Counts,
    /// For how long the oldest due job has waited, in microseconds; none waits: `None`.
    pub waits_us: Option<u64>,
}

/// Which jobs are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this queue.
    pub queue: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<State>,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its id.
    pub id: i64,
    /// Its queue.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: State,
    /// Its priority.
    pub priority: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was, or is, due, in microseconds since 1970.
    pub run_at_us: u64,
    /// When it was enqueued.
    pub created_us: u64,
    /// When the last attempt began.
    pub started_us: Option<u64>,
    /// When it was finished.
    pub finished_us: Option<u64>,
    /// How the last attempt failed.
    pub error: Option<String>,
}

/// How an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Which one, from 1 on.
    pub attempt: u32,
    /// When it failed, in microseconds since 1970.
    pub at_us: u64,
    /// With which worker.
    pub worker: String,
    /// How.
    pub error: String,
}

/// All that is known of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// What a list shows.
    pub summary: Summary,
    /// What is to be done with.
    pub payload: Value,
    /// Its unique key.
    pub unique_key: Option<String>,
    /// Attempts that its policy grants.
    pub most_attempts: u32,
    /// The worker that has, or had, it.
    pub worker: String,
    /// The failures, the newest first, at most a hundred.
    pub failures: Vec<Attempt>,
}

impl Jobs {
    /// The queues with what is in them.
    ///
    /// # Errors
    /// The database's.
    pub async fn status(&self) -> Result<Vec<QueueStatus>, Error> {
        let (read, now) = (self.db().read(), self.now_us());
        let mut status = Vec::new();
        for queue in self.queues().await? {
            let mut counts = Counts::default();
            for state in State::ALL {
                let count = board::count(read, &queue.name, state, MOST_COUNTED).await?;
                *match state {
                    State::Waiting => &mut counts.waiting,
                    State::Delayed => &mut counts.delayed,
                    State::Running => &mut counts.running,
                    State::Done => &mut counts.done,
                    State::Dead => &mut counts.dead,
                    State::Cancelled => &mut counts.cancelled,
                } = count;
            }
            let oldest = board::oldest_due_us(read, &queue.name).await?.map(from_time);
            let (paused, limits) = (queue.paused, queue.limits);
            let waits_us = oldest.map(|due_us| now.saturating_sub(due_us));
            status.push(QueueStatus { name: queue.name, paused, limits, counts, waits_us });
        }
        Ok(status)
    }

    /// A part of the jobs, by id.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(&self, filter: &Filter, keyset: &Keyset<i64>) -> Result<Page<Summary, i64>, Error> {
        let wanted = Wanted { queue: filter.queue.as_deref(), kind: filter.kind.as_deref(), state: filter.state };
        let rows = board::page(self.db().read(), wanted, keyset).await?;
        let rows = rows.into_iter().map(summary).collect::<Result<Vec<_>, _>>()?;
        Ok(keyset.page(rows, |job| job.id))
    }

    /// All that is known of a job.
    ///
    /// # Errors
    /// [`Error::NotFound`], or the database's.
    pub async fn detail(&self, id: i64) -> Result<Detail, Error> {
        let row = job::find(self.db().read(), id).await?.ok_or(Error::NotFound { id })?;
        let failures = error::of(self.db().read(), id, MOST_ERRORS).await?;
        let failures = failures.into_iter().map(|row| Attempt {
            attempt: small(row.attempt),
            at_us: from_time(row.at_us),
            worker: row.worker,
            error: row.error,
        });
        Ok(Detail {
            payload: serde_json::from_str(&row.payload).unwrap_or(Value::Null),
            unique_key: row.unique_key.clone(),
            most_attempts: crate::claim::retry(&row.retry).attempts,
            worker: row.worker.clone(),
            failures: failures.collect(),
            summary: summary(row)?,
        })
    }

    /// Tries a finished job again from its first attempt: a dead letter, mostly.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongState`], [`Error::KeyActive`], or the database's.
    pub async fn retry(&self, id: i64) -> Result<(), Error> {
        self.put(id, "tried again", State::is_finished, |now| Place {
            state: State::Waiting,
            run_at_us: now,
            attempts: 0,
            finished_us: None,
        })
        .await
    }

    /// Makes a job that is put off, or waits for its next attempt, due at once.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongState`], or the database's.
    pub async fn promote(&self, id: i64) -> Result<(), Error> {
        self.change(
            id,
            "promoted",
            |state| state == State::Delayed,
            |now, row| Place { state: State::Waiting, run_at_us: now, attempts: row.attempts, finished_us: None },
        )
        .await
    }

    /// Gives a job up. A worker that has it is told at its next sign, and can commit nothing for it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongState`], or the database's.
    pub async fn cancel(&self, id: i64) -> Result<(), Error> {
        self.change(
            id,
            "cancelled",
            |state| !state.is_finished(),
            |now, row| Place {
                state: State::Cancelled,
                run_at_us: row.run_at_us,
                attempts: row.attempts,
                finished_us: Some(now),
            },
        )
        .await
    }

    /// Deletes the finished jobs of a queue that are in this state, at most [`MOST_CLEANED`]. Gives how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a state that is not finished, or the database's.
    pub async fn clean(&self, queue: &str, state: State) -> Result<u32, Error> {
        if !state.is_finished() {
            let why = "only jobs that are done, dead or cancelled can be cleaned away".to_owned();
            return Err(Error::Invalid { what: "state", why });
        }
        self.delete(queue, state, u64::MAX, MOST_CLEANED).await
    }

    async fn put(
        &self,
        id: i64,
        action: &'static str,
        may: impl Fn(State) -> bool,
        place: impl Fn(i64) -> Place,
    ) -> Result<(), Error> {
        self.change(id, action, may, |now, _| place(now)).await
    }

    /// Takes a job in hand, whatever it is doing, if its state allows it.
    async fn change(
        &self,
        id: i64,
        action: &'static str,
        may: impl Fn(State) -> bool,
        place: impl Fn(i64, &job::Model) -> Place,
    ) -> Result<(), Error> {
        let now = store::time(self.now_us());
        let write = self.db().begin().await?;
        let row = job::lock(&write, id).await?.ok_or(Error::NotFound { id })?;
        let state = state(&row)?;
        if !may(state) {
            return Err(Error::WrongState { id, state, action });
        }
        let put = job::put(&write, id, place(now, &row)).await.map_err(db::Error::from);
        put.map_err(|error| if error.is_unique_violation() { Error::KeyActive { id } } else { error.into() })?;
        write.commit().await?;
        self.wake(&row.queue);
        Ok(())
    }
}

fn state(row: &job::Model) -> Result<State, Error> {
    State::from_code(row.state).ok_or_else(|| Error::Unreadable { what: format!("job {}", row.id) })
}

fn summary(row: job::Model) -> Result<Summary, Error> {
    Ok(Summary {
        id: row.id,
        state: state(&row)?,
        queue: row.queue,
        kind: row.kind,
        priority: row.priority,
        attempts: small(row.attempts),
        run_at_us: from_time(row.run_at_us),
        created_us: from_time(row.created_us),
        started_us: row.started_us.map(from_time),
        finished_us: row.finished_us.map(from_time),
        error: row.error,
    })
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
