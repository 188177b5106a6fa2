//! Taking jobs from a queue, within what limits it.

use std::sync::Arc;
use std::time::Duration;

use crate::job::Hold;
use crate::queues::window;
use crate::store::claim::{self, Taken, Taker};
use crate::store::{self, from_time, queue};
use crate::{Error, Job, Jobs, Retry};

/// Jobs that are taken in one go, at most.
const MOST: u32 = 1_000;
/// The shortest and the longest lease.
const LEASES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(86_400)];
/// How often the lock is tried: it may be of the wrong sort, or the row may not be there yet.
const LOCK_ATTEMPTS: u32 = 5;

/// Who wants jobs, and which.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// From this queue.
    pub queue: &'a str,
    /// Of these kinds: a worker that does not know a kind leaves it to others.
    pub kinds: &'a [&'a str],
    /// At most so many, up to 1,000.
    pub most: u32,
    /// How long the worker may give no sign before the jobs are given to another one.
    pub lease: Duration,
    /// Names the worker for people.
    pub worker: &'a str,
}

/// What was taken.
#[derive(Debug, Default)]
pub struct Claimed {
    /// The jobs, in the order in which they are to be done. Empty when nothing waits, or when the queue is paused or has reached a
    /// limit.
    pub jobs: Vec<Job>,
    /// When the queue's rate allows more, in microseconds from now.
    pub again_us: Option<u64>,
}

impl Jobs {
    /// Takes jobs. Each is this worker's until it is completed, fails or is given back, or until the worker has given no sign for
    /// the length of the lease; `Worker` does all that.
    ///
    /// # Errors
    /// [`Error::Invalid`], or the database's.
    pub async fn claim(&self, wanted: Claim<'_>) -> Result<Claimed, Error> {
        check(&wanted)?;
        for _ in 0..LOCK_ATTEMPTS {
            let alone = self.is_limited(wanted.queue)?;
            if let Some(claimed) = self.try_claim(wanted, alone).await? {
                return Ok(claimed);
            }
        }
        // Somebody sets and lifts limits in a hurry; there is another look soon.
        Ok(Claimed::default())
    }

    /// `None`: the row of the queue must be locked in the other way.
    async fn try_claim(&self, wanted: Claim<'_>, alone: bool) -> Result<Option<Claimed>, Error> {
        let write = self.db().begin().await?;
        let now = store::time(self.now_us());
        let locked = match queue::lock(&write, wanted.queue, alone, now).await? {
            Some(locked) => locked,
            None => {
                queue::ensure(&write, wanted.queue).await?;
                write.commit().await?;
                return Ok(None);
            }
        };
        let row = &locked.row;
        let limited = row.concurrency.is_some() || row.rate_jobs.is_some();
        self.set_limited(wanted.queue, limited)?;
        if limited && !alone {
            return Ok(None);
        }
        if row.paused != 0 {
            return Ok(Some(Claimed::default()));
        }
        if locked.due {
            claim::make_due(&write, wanted.queue, now).await?;
        }
        let mut most = wanted.most.min(MOST);
        if let Some(concurrency) = row.concurrency {
            let running = claim::running(&write, wanted.queue, concurrency).await?;
            most = most.min(u32::try_from(concurrency - running).unwrap_or(0));
        }
        let rate = window(row, now);
        if let Some(rate) = &rate {
            most = most.min(u32::try_from(rate.left).unwrap_or(0));
        }
        let mut claimed = Claimed::default();
        if most > 0 {
            let lease_us = i64::try_from(wanted.lease.as_micros()).unwrap_or(i64::MAX);
            let taker = Taker { worker: wanted.worker, lease_us, now_us: now };
            let taken = claim::take(&write, wanted.queue, wanted.kinds, most, taker).await?;
            if let Some(rate) = rate.as_ref().filter(|_| !taken.is_empty()) {
                let used = rate.used + i64::try_from(taken.len()).unwrap_or(i64::MAX);
                queue::set_window(&write, wanted.queue, rate.begins_us, used).await?;
            }
            claimed.jobs = taken.into_iter().map(|job| self.held(job)).collect();
        }
        write.commit().await?;
        claimed.again_us = rate.map(|rate| rate.again_us);
        Ok(Some(claimed))
    }

    fn held(&self, job: Taken) -> Job {
        Job {
            id: job.id,
            queue: job.queue,
            kind: job.kind,
            payload: job.payload,
            attempt: u32::try_from(job.attempts).unwrap_or(u32::MAX),
            unique_key: job.unique_key,
            run_at_us: from_time(job.run_at_us),
            retry: retry(&job.retry),
            hold: Hold { id: job.id, claim: job.claim },
            jobs: self.clone(),
            completed: Arc::default(),
        }
    }

    /// Whether a look into the queue is worth a transaction.
    pub(crate) async fn anything(&self, queue: &str) -> Result<bool, Error> {
        let read = self.db().read();
        Ok(claim::anything(read, queue, store::time(self.now_us())).await?)
    }
}

fn check(wanted: &Claim<'_>) -> Result<(), Error> {
    if wanted.kinds.is_empty() || wanted.most == 0 {
        let why = "name at least one kind, and ask for at least one job".to_owned();
        return Err(Error::Invalid { what: "claim", why });
    }
    if wanted.lease < LEASES[0] || wanted.lease > LEASES[1] {
        return Err(Error::Invalid { what: "lease", why: "it lasts from 0.1 s to a day".to_owned() });
    }
    Ok(())
}

/// The policy from its text; the usual one for a text of another version.
pub(crate) fn retry(text: &str) -> Retry {
    serde_json::from_str(text).unwrap_or_default()
}
