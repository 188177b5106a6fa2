//! A worker: takes jobs of one queue, runs their handlers, and settles them.
//!
//! One loop takes jobs for its free slots, one gives signs for those that it holds, one watches for workers that give none, and one
//! carries out schedules and deletes what is old. A handler runs as a task of its own: it may panic, and it is stopped when its
//! time is over or when the job is no longer the worker's.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

use crate::completions::Completions;
use crate::job::Hold;
use crate::outcome::Failed;
use crate::store::{self, held};
use crate::{Claim, Error, Failure, Job, Jobs, Retention, Stalls};

/// Jobs that a sweep deletes at most.
const SWEPT: u32 = 10_000;
/// How often settling a job is tried while the database does not answer.
const SETTLE_ATTEMPTS: u32 = 10;
/// The pause between two of them.
const SETTLE_PAUSE: Duration = Duration::from_millis(500);

type Handler = Box<dyn Fn(Job) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Options {
    /// Names it for people; unique among the processes.
    pub name: String,
    /// Jobs that it runs at once. 1 to 1,000.
    pub slots: u32,
    /// How long it may give no sign before its jobs are given to another one.
    pub lease: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How long it waits between two looks into an empty queue. Jobs that its own process enqueues it sees at once.
    pub poll: Duration,
    /// How long it waits for running handlers when it is stopped; then their jobs are given back.
    pub patience: Duration,
    /// How long finished jobs are kept.
    pub retention: Retention,
}

impl Options {
    /// Eight slots, a lease of 30 s, a minute for an attempt, a look each second.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            slots: 8,
            lease: Duration::from_secs(30),
            timeout: Duration::from_secs(60),
            poll: Duration::from_secs(1),
            patience: Duration::from_secs(10),
            retention: Retention::default(),
        }
    }
}

/// A worker of one queue, with the handlers of the kinds that it knows.
pub struct Worker {
    jobs: Jobs,
    queue: String,
    options: Options,
    handlers: HashMap<String, Handler>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds: Vec<_> = self.handlers.keys().collect();
        f.debug_struct("Worker").field("queue", &self.queue).field("kinds", &kinds).finish_non_exhaustive()
    }
}

/// What all parts of a running worker share.
struct Running {
    jobs: Jobs,
    queue: String,
    options: Options,
    handlers: HashMap<String, Handler>,
    slots: Arc<Semaphore>,
    held: Mutex<HashMap<Hold, CancellationToken>>,
    completions: Completions,
    tasks: TaskTracker,
    /// A slot became free.
    free: Notify,
}

impl Worker {
    /// A worker that knows no kind yet.
    pub fn new(jobs: Jobs, queue: impl Into<String>, options: Options) -> Self {
        Self { jobs, queue: queue.into(), options, handlers: HashMap::new() }
    }

    /// Lets it do jobs of a kind. The handler returns `Ok` when the job is done, or a [`Failure`] that says whether to try again.
    /// What it does may happen twice when the process dies in between, unless it completes the job in the transaction in which it
    /// writes ([`Job::complete`]).
    #[must_use]
    pub fn handle<H, F>(mut self, kind: impl Into<String>, handler: H) -> Self
    where
        H: Fn(Job) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.handlers.insert(kind.into(), Box::new(move |job| handler(job).boxed()));
        self
    }

    /// Works until `stop`; then takes no more jobs, waits for those that run, and gives back what does not end in time.
    ///
    /// # Errors
    /// [`Error::Invalid`] for options or names out of bounds. What the database refuses is logged and tried again.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let Self { jobs, queue, options, handlers } = self;
        if !(1..=1_000).contains(&options.slots) || handlers.is_empty() {
            let why = "a worker has 1 to 1,000 slots, and a handler at least".to_owned();
            return Err(Error::Invalid { what: "worker", why });
        }
        let heard = jobs.listen(&queue)?;
        let slots = Arc::new(Semaphore::new(options.slots as usize));
        let running = Arc::new(Running {
            completions: Completions::new(jobs.clone()),
            jobs,
            queue,
            options,
            handlers,
            slots,
            held: Mutex::default(),
            tasks: TaskTracker::new(),
            free: Notify::new(),
        });
        // The signs go on while handlers end.
        let ended = CancellationToken::new();
        let signs = tokio::spawn(running.clone().give_signs(ended.clone()));
        let upkeep = tokio::spawn(running.clone().keep_up(stop.clone()));
        running.take(stop, heard).await;
        running.finish().await;
        ended.cancel();
        let _ = tokio::join!(signs, upkeep);
        Ok(())
    }
}

impl Running {
    /// Takes jobs for free slots until the stop.
    async fn take(self: &Arc<Self>, stop: CancellationToken, mut heard: tokio::sync::watch::Receiver<u64>) {
        while !stop.is_cancelled() {
            heard.mark_unchanged();
            let pause = match self.round().await {
                Ok(Round::More) => continue,
                Ok(Round::Full) => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = self.free.notified() => {}
                    }
                    continue;
                }
                Ok(Round::Empty(pause)) => pause,
                Err(error) => {
                    tracing::warn!(queue = self.queue, %error, "a look into the queue failed; it is tried again");
                    self.options.poll
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                changed = heard.changed() => {
                    if changed.is_err() { return }
                    // Whoever enqueued may not have committed yet: look again soon after.
                    self.look_soon(&stop).await;
                }
            }
        }
    }

    /// Looks a few times within some milliseconds, until there is something.
    async fn look_soon(&self, stop: &CancellationToken) {
        for wait_ms in [0, 2, 8, 30] {
            if stop.is_cancelled() || self.jobs.anything(&self.queue).await.unwrap_or(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    async fn round(self: &Arc<Self>) -> Result<Round, Error> {
        let free = self.slots.available_permits();
        if free == 0 {
            return Ok(Round::Full);
        }
        if !self.jobs.anything(&self.queue).await? {
            return Ok(Round::Empty(self.options.poll));
        }
        let kinds: Vec<&str> = self.handlers.keys().map(String::as_str).collect();
        let claim = Claim {
            queue: &self.queue,
            kinds: &kinds,
            most: u32::try_from(free).unwrap_or(u32::MAX),
            lease: self.options.lease,
            worker: &self.options.name,
        };
        let claimed = self.jobs.claim(claim).await?;
        if claimed.jobs.is_empty() {
            let again = claimed.again_us.map(Duration::from_micros);
            return Ok(Round::Empty(again.unwrap_or(self.options.poll).min(self.options.poll)));
        }
        for job in claimed.jobs {
            // As many were asked for as there are free slots.
            let Ok(slot) = self.slots.clone().try_acquire_owned() else { break };
            let lost = CancellationToken::new();
            self.held.lock().insert(job.hold, lost.clone());
            self.tasks.spawn(self.clone().work(job, slot, lost));
        }
        Ok(Round::More)
    }

    /// One attempt, from its beginning to its outcome.
    async fn work(self: Arc<Self>, job: Job, slot: OwnedSemaphorePermit, lost: CancellationToken) {
        let begun = self.jobs.monotonic_us();
        let attempt = self.attempt(job.clone());
        let result = tokio::select! {
            () = lost.cancelled() => None,
            result = attempt => Some(result),
        };
        if let Some(result) = result {
            self.settle(&job, result).await;
            let seconds = Duration::from_micros(self.jobs.monotonic_us().saturating_sub(begun)).as_secs_f64();
            metrics::histogram!("rialto_jobs_seconds", "queue" => job.queue.clone(), "kind" => job.kind.clone())
                .record(seconds);
        }
        self.held.lock().remove(&job.hold);
        drop(slot);
        self.free.notify_one();
    }

    /// Runs the handler: with its time-out and its span as layers, so that both hold whatever the handler does.
    async fn attempt(&self, job: Job) -> Result<(), Failure> {
        let Some(handler) = self.handlers.get(&job.kind) else {
            return Err(Failure::transient("no handler for this kind"));
        };
        let span = tracing::info_span!("job", id = job.id, queue = job.queue, kind = job.kind, attempt = job.attempt);
        let run = service_fn(|job: Job| {
            let work = AssertUnwindSafe(handler(job)).catch_unwind();
            tracing::Instrument::instrument(
                async move {
                    work.await.unwrap_or_else(|_| Err(Failure::transient("the handler panicked; the log has more")))
                },
                span.clone(),
            )
        });
        let mut service = ServiceBuilder::new().timeout(self.options.timeout).service(run);
        let ready = service.ready().await.map_err(|error| Failure::transient(error.to_string()))?;
        ready.call(job).await.map_err(|error| match error.downcast::<Failure>() {
            Ok(failure) => *failure,
            Err(_) => Failure::transient(format!("the handler took longer than {:?}", self.options.timeout)),
        })
    }

    /// Writes down what became of a job. While the database does not answer the job is held, and it is tried again.
    async fn settle(&self, job: &Job, result: Result<(), Failure>) {
        let outcome = match &result {
            // The handler has completed it in its own transaction, and has committed that.
            Ok(()) if job.is_completed() => "done",
            Ok(()) => self.persist(job, None).await,
            Err(failure) => self.persist(job, Some(failure)).await,
        };
        let (queue, kind) = (job.queue.clone(), job.kind.clone());
        metrics::counter!("rialto_jobs_total", "queue" => queue, "kind" => kind, "result" => outcome).increment(1);
    }

    async fn persist(&self, job: &Job, failure: Option<&Failure>) -> &'static str {
        for _ in 0..SETTLE_ATTEMPTS {
            match self.write_outcome(job, failure).await {
                Ok(outcome) => return outcome,
                Err(error) => {
                    tracing::warn!(job = job.id, %error, "the outcome of a job was not stored; it is tried again")
                }
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
        // Its lease runs out, and it is done again: that is what at least once means.
        "lost"
    }

    async fn write_outcome(&self, job: &Job, failure: Option<&Failure>) -> Result<&'static str, Arc<Error>> {
        match failure {
            None => Ok(if self.completions.complete(job.hold).await? { "done" } else { "lost" }),
            Some(failure) => Ok(self.write_failure(job, failure).await?),
        }
    }

    async fn write_failure(&self, job: &Job, failure: &Failure) -> Result<&'static str, Error> {
        let failed = Failed {
            hold: job.hold,
            retry: job.retry,
            attempt: job.attempt,
            beats: None,
            worker: &self.options.name,
            failure,
        };
        let write = self.jobs.db().begin().await?;
        let state = self.jobs.fail(&write, &failed).await?;
        write.commit().await?;
        Ok(match state {
            Some(crate::State::Dead) => {
                tracing::error!(job = job.id, queue = job.queue, kind = job.kind, %failure, "a job is dead");
                "dead"
            }
            Some(_) => {
                tracing::warn!(job = job.id, queue = job.queue, kind = job.kind, %failure, "an attempt failed");
                "failed"
            }
            None => "lost",
        })
    }

    /// Gives a sign for each job that is held, several times within a lease, and stops what is lost.
    async fn give_signs(self: Arc<Self>, ended: CancellationToken) {
        let mut every = tokio::time::interval(self.options.lease / 4);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ended.cancelled() => return,
                _ = every.tick() => {}
            }
            let holds: Vec<Hold> = self.held.lock().keys().copied().collect();
            if let Err(error) = self.sign(&holds).await {
                tracing::warn!(queue = self.queue, %error, "no sign could be given for the jobs that run");
            }
        }
    }

    async fn sign(&self, holds: &[Hold]) -> Result<(), Error> {
        for holds in holds.chunks(held::AT_ONCE) {
            let write = self.jobs.db().begin().await?;
            let given = held::beat(&write, holds, store::time(self.jobs.now_us())).await?;
            write.commit().await?;
            let silent: Vec<Hold> = holds.iter().copied().filter(|hold| !given.contains(&hold.id)).collect();
            if silent.is_empty() {
                continue;
            }
            // No sign could be given for those that are being completed at this moment either: they still hold.
            let still = held::still(self.jobs.db().read(), &silent).await?;
            for hold in silent.iter().filter(|hold| !still.contains(&hold.id)) {
                if let Some(lost) = self.held.lock().get(hold) {
                    lost.cancel();
                }
            }
        }
        Ok(())
    }

    /// Watches for stalled jobs, carries out schedules, and deletes what was kept long enough.
    async fn keep_up(self: Arc<Self>, stop: CancellationToken) {
        let mut stalls = Stalls::new(self.jobs.clone(), vec![self.queue.clone()]);
        let step = (self.options.lease / 4).min(Duration::from_secs(1));
        let mut every = tokio::time::interval(step);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut swept_us = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = every.tick() => {}
            }
            if let Err(error) = self.jobs.carry_out().await {
                tracing::warn!(%error, "schedules could not be carried out");
            }
            if let Err(error) = stalls.look().await {
                tracing::warn!(queue = self.queue, %error, "the signs of workers could not be read");
            }
            let now = self.jobs.monotonic_us();
            if swept_us.is_none_or(|swept: u64| now.saturating_sub(swept) > 60_000_000) {
                swept_us = Some(now);
                if let Err(error) = self.jobs.sweep(self.options.retention, SWEPT).await {
                    tracing::warn!(%error, "old jobs could not be deleted");
                }
            }
        }
    }

    /// Waits for handlers, then gives back what they did not end.
    async fn finish(&self) {
        self.tasks.close();
        if tokio::time::timeout(self.options.patience, self.tasks.wait()).await.is_ok() {
            return;
        }
        let left: Vec<(Hold, CancellationToken)> = self.held.lock().drain().collect();
        let holds: Vec<Hold> = left.iter().map(|(hold, _)| *hold).collect();
        for (_, lost) in left {
            lost.cancel();
        }
        self.tasks.wait().await;
        let given = async {
            let write = self.jobs.db().begin().await?;
            let given = self.jobs.give_back(&write, &holds).await?;
            write.commit().await?;
            Ok::<_, Error>(given.len())
        };
        match given.await {
            Ok(jobs) => tracing::warn!(queue = self.queue, jobs, "jobs did not end in time and were given back"),
            Err(error) => tracing::warn!(queue = self.queue, %error, "jobs were not given back; their lease runs out"),
        }
    }
}

/// What a look into the queue gave.
enum Round {
    /// Jobs; there may be more.
    More,
    /// No slot is free.
    Full,
    /// Nothing, for so long.
    Empty(Duration),
}
