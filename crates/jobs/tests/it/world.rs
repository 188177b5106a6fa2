//! Queues on a database of the test's own, with a clock that the test moves.

use std::sync::Arc;
use std::time::Duration;

use db::testing::TestDb;
use jobs::{Claim, Claimed, Job, Jobs, NewJob, Retry, State};
use runtime::clock::{Clock, ManualClock, SystemClock};
use runtime::entropy::SystemRandom;
use serde_json::json;

pub(crate) const NOW_US: u64 = 1_700_000_000_000_000;
pub(crate) const SECOND_US: u64 = 1_000_000;
pub(crate) const LEASE: Duration = Duration::from_secs(10);

/// A process on the database.
pub(crate) struct World {
    pub(crate) jobs: Jobs,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) async fn start(test: &TestDb) -> Self {
        migrate(test).await;
        Self::beside(test, NOW_US)
    }

    /// Another process, whose clock shows this time.
    pub(crate) fn beside(test: &TestDb, now_us: u64) -> Self {
        let clock = Arc::new(ManualClock::at(now_us));
        let random = Arc::new(SystemRandom::new());
        Self { jobs: Jobs::new(test.db.clone(), clock.clone(), random), clock }
    }

    /// Takes jobs of the kinds `a` and `b`.
    pub(crate) async fn claim(&self, most: u32) -> Vec<Job> {
        self.claimed(most).await.jobs
    }

    pub(crate) async fn claimed(&self, most: u32) -> Claimed {
        let claim = Claim { queue: "q", kinds: &["a", "b"], most, lease: LEASE, worker: "w" };
        self.jobs.claim(claim).await.unwrap()
    }

    pub(crate) async fn state(&self, id: i64) -> State {
        self.jobs.detail(id).await.unwrap().summary.state
    }
}

pub(crate) async fn migrate(test: &TestDb) {
    db::migrate(&test.db, &[jobs::migrations()]).await.unwrap();
}

/// On the machine's clock, for workers.
pub(crate) async fn real(test: &TestDb) -> Jobs {
    migrate(test).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    Jobs::new(test.db.clone(), clock, Arc::new(SystemRandom::new()))
}

/// A job of kind `a` that may be tried three times, a second apart.
pub(crate) fn job(payload: i64) -> NewJob {
    NewJob { retry: Retry::fixed(3, SECOND_US), ..NewJob::new("q", "a", json!(payload)) }
}

pub(crate) async fn enqueue(test: &TestDb, jobs: &Jobs, job: NewJob) -> i64 {
    let write = test.db.begin().await.unwrap();
    let enqueued = jobs.enqueue(&write, job).await.unwrap();
    write.commit().await.unwrap();
    enqueued.id()
}

pub(crate) async fn complete(test: &TestDb, job: &Job) -> Result<(), jobs::Error> {
    let write = test.db.begin().await.unwrap();
    job.complete(&write).await?;
    write.commit().await.unwrap();
    Ok(())
}
