//! What becomes of a job that is held.

use std::sync::atomic::Ordering;

use sea_orm::ConnectionTrait;

use crate::job::Hold;
use crate::store::{self, error, held};
use crate::{Error, Failure, Job, Jobs, Retry, State};

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct Failed<'a> {
    pub(crate) hold: Hold,
    pub(crate) retry: Retry,
    pub(crate) attempt: u32,
    /// Of a worker that gave no sign: its last one.
    pub(crate) beats: Option<i64>,
    pub(crate) worker: &'a str,
    pub(crate) failure: &'a Failure,
}

impl Jobs {
    /// Completes jobs in the caller's transaction: what was written there and the completion are committed together or not at all.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] if one of them is no longer held: roll back. Or the database's.
    pub async fn complete(&self, write: &impl ConnectionTrait, jobs: &[Job]) -> Result<(), Error> {
        let holds: Vec<Hold> = jobs.iter().map(|job| job.hold).collect();
        let completed = self.complete_holds(write, &holds).await?;
        if let Some(lost) = holds.iter().find(|hold| !completed.contains(&hold.id)) {
            return Err(Error::LeaseLost { id: lost.id });
        }
        for job in jobs {
            job.completed.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Completes what is still held; gives those.
    pub(crate) async fn complete_holds(&self, write: &impl ConnectionTrait, holds: &[Hold]) -> Result<Vec<i64>, Error> {
        let (now, mut completed) = (store::time(self.now_us()), Vec::new());
        for holds in holds.chunks(held::AT_ONCE) {
            completed.extend(held::complete(write, holds, now).await?);
        }
        completed.sort_unstable();
        Ok(completed)
    }

    /// Gives back what is still held, as if it had not been taken; gives those.
    pub(crate) async fn give_back(&self, write: &impl ConnectionTrait, holds: &[Hold]) -> Result<Vec<i64>, Error> {
        let mut given = Vec::new();
        for holds in holds.chunks(held::AT_ONCE) {
            given.extend(held::give_back(write, holds).await?);
        }
        Ok(given)
    }

    /// Writes down a failure and when the job is tried again, or that it is dead. Gives the job's state after it, or `None` if it
    /// was no longer held.
    pub(crate) async fn fail(&self, write: &impl ConnectionTrait, failed: &Failed<'_>) -> Result<Option<State>, Error> {
        let now = self.now_us();
        let dead = failed.failure.is_last() || failed.attempt >= failed.retry.attempts;
        let next = if dead {
            held::Next { state: State::Dead, run_at_us: store::time(now), finished_us: Some(store::time(now)) }
        } else {
            let wait = failed.retry.wait_us(failed.attempt, self.random()).max(failed.failure.at_least_us());
            let state = if wait == 0 { State::Waiting } else { State::Delayed };
            held::Next { state, run_at_us: store::time(now.saturating_add(wait)), finished_us: None }
        };
        if !held::fail(write, failed.hold, failed.beats, next, failed.failure.text()).await? {
            return Ok(None);
        }
        let row = error::Model {
            job_id: failed.hold.id,
            claim: failed.hold.claim,
            attempt: failed.attempt.into(),
            at_us: store::time(now),
            worker: failed.worker.to_owned(),
            error: failed.failure.text().to_owned(),
        };
        error::insert(write, row).await?;
        Ok(Some(next.state))
    }
}
