//! The queue of jobs, on SQLite and on PostgreSQL: how many jobs are written and done, beside the bare transactions of the same
//! database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use db::testing::TestDb;
use hdrhistogram::Histogram;
use jobs::{Job, Jobs, NewJob, Options, Worker};
use parking_lot::Mutex;
use runtime::clock::{Clock, SystemClock};
use runtime::entropy::SystemRandom;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::figures::{Latency, Spread, Table, histogram, rate, times};

/// Tasks that write at the same time.
const WRITERS: u32 = 8;
/// Jobs that a worker runs at the same time.
const SLOTS: u32 = 64;
/// Jobs that wait when the worker begins, so that it never looks into an empty queue: as many as may be enqueued together.
const BACKLOG: usize = 10_000;
/// Jobs a second while it is measured how long one waits.
const CALM: u64 = 100;
const QUEUE: &str = "bench";

/// What is told of a job whose wait is measured.
#[derive(Serialize, Deserialize)]
struct Sent {
    /// When it was enqueued, in nanoseconds since the measurement began.
    ns: u64,
}

/// The figures of one database.
#[derive(Debug, Serialize)]
struct Figures {
    database: &'static str,
    /// Transactions of one small update each, the same writers: what the database does at most.
    bare_per_second: Spread,
    /// Jobs that were enqueued, each in a transaction of its own.
    enqueued_per_second: Spread,
    /// Jobs that one worker has done, to the last one of a backlog, each to its handler and settled.
    done_per_second: Spread,
    /// From the call that enqueues a job to the first line of its handler, at a hundred jobs a second.
    start: Latency,
}

/// The figures of the section.
#[derive(Debug, Serialize)]
pub(crate) struct Results(Vec<Figures>);

struct Round {
    bare: f64,
    enqueued: f64,
    done: f64,
    start: Latency,
}

/// Measures both databases in every round.
pub(crate) fn measure(rounds: u32, seconds: u64) -> anyhow::Result<Results> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let time = Duration::from_secs(seconds);
    let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        sqlite.push(runtime.block_on(async { round(db::testing::sqlite().await, time).await })?);
        postgres.push(runtime.block_on(async { round(db::testing::postgres().await, time).await })?);
    }
    let results = Results(vec![sum_up("SQLite", &sqlite), sum_up("PostgreSQL, without fsync", &postgres)]);
    print(&results);
    Ok(results)
}

async fn round(test: TestDb, time: Duration) -> anyhow::Result<Round> {
    db::migrate(&test.db, &[jobs::migrations()]).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let jobs = Jobs::new(test.db.clone(), clock.clone(), Arc::new(SystemRandom::new()));
    let bare = bare(&test.db, time).await?;
    let enqueued = enqueue(&test.db, &jobs, time).await?;
    let done = work_off(&test.db, &jobs).await?;
    let start = start(&test.db, &jobs, time).await?;
    Ok(Round { bare, enqueued, done, start })
}

/// Runs `WRITERS` loops for some time; gives how often they came around in a second.
async fn writers<F, T>(time: Duration, step: F) -> anyhow::Result<f64>
where
    F: Fn(u32) -> T + Clone + Send + 'static,
    T: Future<Output = anyhow::Result<()>> + Send,
{
    let began = Instant::now();
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let step = step.clone();
            tokio::spawn(async move {
                let mut count = 0_u64;
                while began.elapsed() < time {
                    step(writer).await?;
                    count += 1;
                }
                anyhow::Ok(count)
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

async fn bare(db: &db::Db, time: Duration) -> anyhow::Result<f64> {
    let write = db.begin().await?;
    write.execute_unprepared("CREATE TABLE simulator_counts (id BIGINT PRIMARY KEY, count BIGINT NOT NULL)").await?;
    for writer in 0..WRITERS {
        write.execute_unprepared(&format!("INSERT INTO simulator_counts (id, count) VALUES ({writer}, 0)")).await?;
    }
    write.commit().await?;
    let db = db.clone();
    writers(time, move |writer| {
        let db = db.clone();
        async move {
            let write = db.begin().await?;
            write
                .execute_unprepared(&format!("UPDATE simulator_counts SET count = count + 1 WHERE id = {writer}"))
                .await?;
            Ok(write.commit().await?)
        }
    })
    .await
}

async fn enqueue(db: &db::Db, jobs: &Jobs, time: Duration) -> anyhow::Result<f64> {
    let (db, jobs) = (db.clone(), jobs.clone());
    writers(time, move |_| {
        let (db, jobs) = (db.clone(), jobs.clone());
        async move {
            let write = db.begin().await?;
            jobs.enqueue(&write, NewJob::new("other", "nothing", json!({ "order": 1 }))).await?;
            Ok(write.commit().await?)
        }
    })
    .await
}

/// A worker until `stop`, whose handler calls `each`.
fn worker(jobs: &Jobs, stop: &CancellationToken, each: impl Fn(Job) + Clone + Send + Sync + 'static) {
    let options = Options { slots: SLOTS, ..Options::new("bench") };
    let worker = Worker::new(jobs.clone(), QUEUE, options).handle("nothing", move |job| {
        let each = each.clone();
        async move {
            each(job);
            Ok(())
        }
    });
    tokio::spawn(worker.run(stop.clone()));
}

async fn work_off(db: &db::Db, jobs: &Jobs) -> anyhow::Result<f64> {
    let write = db.begin().await?;
    let new: Vec<_> = (0..BACKLOG).map(|n| NewJob::new(QUEUE, "nothing", json!({ "order": n }))).collect();
    jobs.enqueue_many(&write, &new).await?;
    write.commit().await?;
    let (stop, handled) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let (began, count) = (Instant::now(), handled.clone());
    worker(jobs, &stop, move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    while handled.load(Ordering::Relaxed) < BACKLOG {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The last one is settled, too. Counting all of them is work for the database, which would slow the others.
    while !jobs.status().await?.iter().any(|queue| queue.name == QUEUE && queue.counts.done == BACKLOG as u64) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = began.elapsed();
    stop.cancel();
    Ok(BACKLOG as f64 / took.as_secs_f64())
}

async fn start(db: &db::Db, jobs: &Jobs, time: Duration) -> anyhow::Result<Latency> {
    let stop = CancellationToken::new();
    let waits: Arc<Mutex<Histogram<u64>>> = Arc::new(Mutex::new(histogram()));
    let (zero, seen, started) = (Instant::now(), waits.clone(), Arc::new(AtomicU64::new(0)));
    let count = started.clone();
    worker(jobs, &stop, move |job| {
        let sent_ns = job.read::<Sent>().map_or(0, |sent| sent.ns);
        let now_ns = u64::try_from(zero.elapsed().as_nanos()).unwrap_or(u64::MAX);
        seen.lock().saturating_record(now_ns.saturating_sub(sent_ns));
        count.fetch_add(1, Ordering::Relaxed);
    });
    let mut every = tokio::time::interval(Duration::from_millis(1_000 / CALM));
    let mut sent = 0;
    while zero.elapsed() < time {
        every.tick().await;
        let ns = u64::try_from(zero.elapsed().as_nanos())?;
        let write = db.begin().await?;
        jobs.enqueue(&write, NewJob::new(QUEUE, "nothing", json!(Sent { ns }))).await?;
        write.commit().await?;
        jobs.wake(QUEUE);
        sent += 1;
    }
    while started.load(Ordering::Relaxed) < sent {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    let latency = Latency::of(&waits.lock());
    Ok(latency)
}

fn sum_up(database: &'static str, rounds: &[Round]) -> Figures {
    let spread = |read: fn(&Round) -> f64| Spread::of(rounds.iter().map(read).collect());
    Figures {
        database,
        bare_per_second: spread(|round| round.bare),
        enqueued_per_second: spread(|round| round.enqueued),
        done_per_second: spread(|round| round.done),
        start: Latency::median(&rounds.iter().map(|round| round.start).collect::<Vec<_>>()),
    }
}

fn print(Results(figures): &Results) {
    let head =
        ["database", "bare transactions/s", "enqueued/s", "of bare", "done/s", "of bare", "start p50", "p99", "p99.9"];
    let mut table = Table::new(&head);
    for line in figures {
        let of_bare = |part: &Spread| times(part.median / line.bare_per_second.median.max(1.0));
        let mut row = vec![
            line.database.to_owned(),
            rate(&line.bare_per_second),
            rate(&line.enqueued_per_second),
            of_bare(&line.enqueued_per_second),
            rate(&line.done_per_second),
            of_bare(&line.done_per_second),
        ];
        row.extend(line.start.cells());
        table.row(row);
    }
    table.print(&format!(
        "Jobs: {WRITERS} writers, one transaction for each job; one worker of {SLOTS} slots for a backlog of {BACKLOG}; start at {CALM} jobs/s"
    ));
}
