//! The way in: enqueue.

use std::collections::HashMap;
use std::sync::Arc;

use db::Db;
use parking_lot::Mutex;
use runtime::clock::Clock;
use runtime::entropy::Random;
use sea_orm::ConnectionTrait;
use tokio::sync::watch;

use crate::store::{self, job};
use crate::{Enqueued, Error, NewJob};

/// Jobs that may wait in one queue when nothing else was said.
pub const MOST_WAITING: u64 = 1_000_000;
/// Jobs that are enqueued by one call, at most.
pub const MOST_TOGETHER: usize = 10_000;
/// How long a count of what waits in a queue is good for.
const COUNT_AGE_US: u64 = 10_000_000;
/// How often an insert is tried again whose unique key was active, and then was not.
const INSERT_ATTEMPTS: u32 = 5;
/// Queues that a process knows at most; the names come from its code.
pub(crate) const MOST_QUEUES: usize = 1_000;

/// The queues of a database. Cheap to clone; one for each database in a process, so that enqueuing wakes the process's workers.
#[derive(Debug, Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    db: Db,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    most_waiting: u64,
    queues: Mutex<HashMap<String, Known>>,
}

/// What this process knows of a queue.
#[derive(Debug)]
struct Known {
    wake: watch::Sender<u64>,
    /// Jobs that waited when they were counted, with those that were enqueued here since.
    waiting: u64,
    /// When they were counted; never, at first.
    counted_us: Option<u64>,
    /// Whether it had a limit when it was last looked at, so that its row must be locked alone.
    limited: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self { wake: watch::Sender::new(0), waiting: 0, counted_us: None, limited: false }
    }
}

impl Jobs {
    /// The queues in this database. The tables must be there: `db::migrate` with [`migrations`](crate::migrations).
    pub fn new(db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self::bounded(db, clock, random, MOST_WAITING)
    }

    /// As [`Jobs::new`], with another bound than [`MOST_WAITING`] on what waits in each queue.
    pub fn bounded(db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>, most_waiting: u64) -> Self {
        Self { shared: Arc::new(Shared { db, clock, random, most_waiting, queues: Mutex::default() }) }
    }

    /// Enqueues a job in the caller's transaction: it exists when that commits. For a transaction of [`Db::begin`] only: a job must
    /// survive what it belongs to, so follow the commit with `Db::make_durable` where that matters.
    ///
    /// Workers of this process look for it at once, and again within milliseconds if the transaction was not committed by then;
    /// [`Jobs::wake`] after the commit saves them the guess.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Full`], or the database's, after which the transaction must be rolled back.
    pub async fn enqueue(&self, write: &impl ConnectionTrait, new: NewJob) -> Result<Enqueued, Error> {
        let payload = new.check()?;
        let retry = retry_text(&new)?;
        self.admit(write, &new.queue, 1).await?;
        for _ in 0..INSERT_ATTEMPTS {
            let now = store::time(self.now_us());
            if let Some(id) = job::insert(write, &new, payload.clone(), retry.clone(), now).await? {
                self.wake(&new.queue);
                return Ok(Enqueued::New(id));
            }
            let Some(key) = &new.unique_key else { break };
            if let Some(id) = job::active(write, &new.kind, key).await? {
                return Ok(Enqueued::Active(id));
            }
            // It has just finished; so the key is free.
        }
        Err(Error::Unreadable { what: "the job that holds a unique key".to_owned() })
    }

    /// Enqueues many jobs in the caller's transaction, at most [`MOST_TOGETHER`]: all but those whose unique key is active or came
    /// earlier in the list. Gives how many are new.
    ///
    /// # Errors
    /// As [`Jobs::enqueue`]; nothing is enqueued then.
    pub async fn enqueue_many(&self, write: &impl ConnectionTrait, new: &[NewJob]) -> Result<u64, Error> {
        if new.len() > MOST_TOGETHER {
            let why = format!("{} at once, and there may be {MOST_TOGETHER}", new.len());
            return Err(Error::Invalid { what: "jobs", why });
        }
        let checked = new.iter().map(|job| Ok((job, job.check()?, retry_text(job)?)));
        let checked: Vec<job::Checked<'_>> = checked.collect::<Result<_, Error>>()?;
        let mut queues: HashMap<&str, u64> = HashMap::new();
        for job in new {
            *queues.entry(&job.queue).or_default() += 1;
        }
        for (queue, jobs) in &queues {
            self.admit(write, queue, *jobs).await?;
        }
        let inserted = job::insert_many(write, checked, store::time(self.now_us())).await?;
        for queue in queues.keys() {
            self.wake(queue);
        }
        Ok(inserted)
    }

    /// Lets this process's workers of a queue look for jobs now: call it after the commit of a transaction that enqueued some.
    pub fn wake(&self, queue: &str) {
        if let Some(known) = self.shared.queues.lock().get(queue) {
            known.wake.send_modify(|wakes| *wakes = wakes.wrapping_add(1));
        }
    }

    /// Refuses jobs for which the queue has no room. What waits is counted now and then; in between, other processes may enqueue
    /// more than this one knows of.
    async fn admit(&self, read: &impl ConnectionTrait, queue: &str, jobs: u64) -> Result<(), Error> {
        let (most, now) = (self.shared.most_waiting, self.shared.clock.monotonic_us());
        let fresh = self.known(queue, |known| {
            let fresh = known.counted_us.is_some_and(|counted| now.saturating_sub(counted) < COUNT_AGE_US);
            let room = fresh && known.waiting.saturating_add(jobs) <= most;
            known.waiting = known.waiting.saturating_add(if room { jobs } else { 0 });
            room
        })?;
        if fresh {
            return Ok(());
        }
        let waiting = job::waiting(read, queue, most).await?;
        self.known(queue, |known| {
            known.counted_us = Some(now);
            known.waiting = waiting.saturating_add(jobs);
        })?;
        if waiting.saturating_add(jobs) > most {
            return Err(Error::Full { queue: queue.to_owned(), most });
        }
        Ok(())
    }

    fn known<T>(&self, queue: &str, with: impl FnOnce(&mut Known) -> T) -> Result<T, Error> {
        let mut queues = self.shared.queues.lock();
        if let Some(known) = queues.get_mut(queue) {
            return Ok(with(known));
        }
        if queues.len() >= MOST_QUEUES {
            let why = format!("there may be {MOST_QUEUES} queues; their names come from the code, not from data");
            return Err(Error::Invalid { what: "queue", why });
        }
        Ok(with(queues.entry(queue.to_owned()).or_default()))
    }

    /// Hears of jobs that this process enqueues.
    pub(crate) fn listen(&self, queue: &str) -> Result<watch::Receiver<u64>, Error> {
        self.known(queue, |known| known.wake.subscribe())
    }

    pub(crate) fn is_limited(&self, queue: &str) -> Result<bool, Error> {
        self.known(queue, |known| known.limited)
    }

    pub(crate) fn set_limited(&self, queue: &str, limited: bool) -> Result<(), Error> {
        self.known(queue, |known| known.limited = limited)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.shared.db
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.shared.random
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.shared.clock.now_us()
    }

    pub(crate) fn monotonic_us(&self) -> u64 {
        self.shared.clock.monotonic_us()
    }
}

pub(crate) fn retry_text(job: &NewJob) -> Result<String, Error> {
    serde_json::to_string(&job.retry).map_err(|error| Error::Invalid { what: "retry", why: error.to_string() })
}
