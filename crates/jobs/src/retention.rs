//! Finished jobs are kept for a while and then deleted.

use std::time::Duration;

use crate::jobs::MOST_QUEUES;
use crate::store::{self, job, queue};
use crate::{Error, Jobs, State};

/// Jobs that one transaction deletes.
const AT_ONCE: u32 = 1_000;

/// How long finished jobs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Those that are done or cancelled.
    pub done: Duration,
    /// Dead letters.
    pub dead: Duration,
}

impl Default for Retention {
    /// Three days, and 30 days for dead letters.
    fn default() -> Self {
        Self { done: Duration::from_secs(3 * 86_400), dead: Duration::from_secs(30 * 86_400) }
    }
}

impl Jobs {
    /// Deletes finished jobs that have been kept long enough, with the failures of their attempts, the oldest of a queue first:
    /// at most `most`, a thousand a transaction. Gives how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep(&self, retention: Retention, most: u32) -> Result<u64, Error> {
        let now = self.now_us();
        let mut left = most;
        for queue in queue::all(self.db().read(), MOST_QUEUES as u64).await? {
            for (state, keep) in
                [(State::Done, retention.done), (State::Cancelled, retention.done), (State::Dead, retention.dead)]
            {
                let keep_us = u64::try_from(keep.as_micros()).unwrap_or(u64::MAX);
                let deleted = self.delete(&queue.name, state, now.saturating_sub(keep_us), left).await?;
                left = left.saturating_sub(deleted);
                if left == 0 {
                    return Ok(most.into());
                }
            }
        }
        Ok((most - left).into())
    }

    /// Deletes jobs of one queue and finished state that finished before a time, a thousand a transaction.
    pub(crate) async fn delete(&self, queue: &str, state: State, before_us: u64, most: u32) -> Result<u32, Error> {
        let mut deleted = 0;
        while deleted < most {
            let step = AT_ONCE.min(most - deleted);
            let write = self.db().begin().await?;
            let gone = job::delete_finished(&write, queue, state, store::time(before_us), step).await?;
            write.commit().await?;
            deleted += u32::try_from(gone).unwrap_or(step);
            if gone < u64::from(step) {
                break;
            }
        }
        Ok(deleted)
    }
}
