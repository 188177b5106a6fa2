//! Jobs whose worker gives no sign any more.
//!
//! A lease is no time of day. Whoever holds a job counts up its signs; whoever watches takes it away when the count has stood still
//! for the length of the lease, measured on the watcher's own steady clock. So a clock that is set, on either machine, neither
//! takes a job from a living worker nor leaves one with a dead one. The price is that a watcher which has just started must watch
//! for the length of a lease first.

use std::collections::HashMap;

use crate::job::Hold;
use crate::outcome::Failed;
use crate::store::held::{self, Sign};
use crate::{Error, Failure, Jobs, claim};

/// Jobs of a queue that are watched at most: as many as can run at once, by far.
const MOST: u32 = 20_000;

/// A watch over the jobs of some queues, in whatever process they run. Every worker keeps one.
#[derive(Debug)]
pub struct Stalls {
    jobs: Jobs,
    queues: Vec<String>,
    seen: HashMap<Hold, Seen>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    beats: i64,
    /// On the steady clock.
    since_us: u64,
}

impl Stalls {
    /// A watch that has seen nothing yet.
    pub fn new(jobs: Jobs, queues: Vec<String>) -> Self {
        Self { jobs, queues, seen: HashMap::new() }
    }

    /// Looks at the signs, and takes jobs away whose worker has given none for the length of its lease: for the job that is an
    /// attempt which failed. Gives their ids. Look a few times within a lease.
    ///
    /// # Errors
    /// The database's.
    pub async fn look(&mut self) -> Result<Vec<i64>, Error> {
        let now = self.jobs.monotonic_us();
        let (mut seen, mut stalled) = (HashMap::new(), Vec::new());
        for queue in &self.queues {
            for sign in held::signs(self.jobs.db().read(), queue, MOST).await? {
                let hold = Hold { id: sign.id, claim: sign.claim };
                let known = self.seen.get(&hold).copied().filter(|known| known.beats == sign.beats);
                let known = known.unwrap_or(Seen { beats: sign.beats, since_us: now });
                if now.saturating_sub(known.since_us) > u64::try_from(sign.lease_us).unwrap_or(0) {
                    stalled.push(sign);
                }
                seen.insert(hold, known);
            }
        }
        // What is not held any more is forgotten.
        self.seen = seen;
        let mut taken = Vec::new();
        for sign in stalled {
            if self.take(&sign).await? {
                taken.push(sign.id);
            }
        }
        Ok(taken)
    }

    /// `false`: the worker has given a sign after all, or somebody else was faster.
    async fn take(&self, sign: &Sign) -> Result<bool, Error> {
        let failure = Failure::transient(format!(
            "the worker {} gave no sign for {} ms; it died, or its machine stood still",
            sign.worker,
            sign.lease_us / 1_000
        ));
        let failed = Failed {
            hold: Hold { id: sign.id, claim: sign.claim },
            retry: claim::retry(&sign.retry),
            attempt: u32::try_from(sign.attempts).unwrap_or(u32::MAX),
            beats: Some(sign.beats),
            worker: &sign.worker,
            failure: &failure,
        };
        let write = self.jobs.db().begin().await?;
        let Some(state) = self.jobs.fail(&write, &failed).await? else { return Ok(false) };
        write.commit().await?;
        tracing::warn!(job = sign.id, queue = sign.queue, kind = sign.kind, worker = sign.worker, %state, "a job had stalled");
        metrics::counter!("rialto_jobs_total", "queue" => sign.queue.clone(), "kind" => sign.kind.clone(), "result" => "stalled")
            .increment(1);
        self.jobs.wake(&sign.queue);
        Ok(true)
    }
}
