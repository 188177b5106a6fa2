//! Two processes on one queue, of which one is killed in the middle of its jobs.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use db::testing::TestDb;
use db::{Db, Options as DbOptions};
use jobs::{Job, Jobs, NewJob, Options, Retry, Worker};
use runtime::clock::SystemClock;
use runtime::entropy::SystemRandom;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::real;

const JOBS: usize = 400;
/// The first process gets stuck in each of so many jobs, so that it is killed in the middle of some.
const STUCK_EVERY: i64 = 20;
/// Says to the worker process which database, and who it is.
const URL: &str = "JOBS_TEST_URL";
const NAME: &str = "JOBS_TEST_NAME";
const PATIENCE: Duration = Duration::from_secs(90);

/// Not a test of its own: the worker process that the test below starts.
#[tokio::test]
#[ignore = "the worker process of another test"]
#[allow(clippy::disallowed_methods, reason = "the parent test says where to work")]
async fn worker_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let db = Db::connect(&url, &DbOptions::default()).await.unwrap();
    let name = std::env::var(NAME).unwrap();
    let jobs = Jobs::new(db.clone(), Arc::new(SystemClock::new()), Arc::new(SystemRandom::new()));
    let options = Options {
        slots: 8,
        lease: Duration::from_millis(500),
        poll: Duration::from_millis(50),
        ..Options::new(name.clone())
    };
    let worker = Worker::new(jobs, "q", options).handle("a", move |job: Job| {
        let (db, name) = (db.clone(), name.clone());
        async move {
            note(&db, "begun", &job, &name, false).await;
            if name == "first" && job.id % STUCK_EVERY == 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
            note(&db, "effects", &job, &name, true).await;
            Ok(())
        }
    });
    worker.run(CancellationToken::new()).await.unwrap();
}

async fn note(db: &Db, table: &str, job: &Job, name: &str, completes: bool) {
    let write = db.begin().await.unwrap();
    write
        .execute_unprepared(&format!("INSERT INTO {table} (job, worker) VALUES ({}, '{name}')", job.id))
        .await
        .unwrap();
    if completes {
        job.complete(&write).await.unwrap();
    }
    write.commit().await.unwrap();
}

fn start(test: &TestDb, name: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::worker_process", "--ignored", "--nocapture"])
        .env(URL, test.url())
        .env(NAME, name)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn count(test: &TestDb, sql: &str) -> usize {
    let statement = Statement::from_string(test.db.read().get_database_backend(), sql);
    let row = test.db.read().query_one_raw(statement).await.unwrap().unwrap();
    usize::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "the test waits on real processes")]
async fn until(test: &TestDb, sql: &str, wanted: usize) {
    let begun = Instant::now();
    while count(test, sql).await < wanted {
        assert!(begun.elapsed() < PATIENCE, "{sql} does not reach {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

db::on_each_database! {
    async fn one_is_killed_and_the_other_finishes(test: &TestDb) {
        let jobs = real(test).await;
        let write = test.db.begin().await.unwrap();
        for table in ["begun", "effects"] {
            let sql = format!("CREATE TABLE {table} (job BIGINT NOT NULL, worker TEXT NOT NULL)");
            write.execute_unprepared(&sql).await.unwrap();
        }
        let job = NewJob { retry: Retry::fixed(5, 10_000), ..NewJob::new("q", "a", json!(1)) };
        jobs.enqueue_many(&write, &vec![job; JOBS]).await.unwrap();
        write.commit().await.unwrap();
        let mut first = start(test, "first");
        until(test, &format!("SELECT COUNT(*) FROM begun WHERE job % {STUCK_EVERY} = 0"), 1).await;
        let mut second = start(test, "second");
        until(test, "SELECT COUNT(*) FROM effects WHERE worker = 'second'", 20).await;
        // SIGKILL.
        first.kill().unwrap();
        first.wait().unwrap();
        until(test, "SELECT COUNT(*) FROM effects", JOBS).await;
        second.kill().unwrap();
        second.wait().unwrap();
        assert_eq!(count(test, "SELECT COUNT(DISTINCT job) FROM effects").await, JOBS, "each exactly once");
        assert_eq!(count(test, "SELECT COUNT(*) FROM effects").await, JOBS);
        assert!(count(test, "SELECT COUNT(*) FROM effects WHERE worker = 'first'").await > 0);
        assert!(count(test, "SELECT COUNT(*) FROM begun").await > JOBS, "what the first had begun was begun again");
        let counts = jobs.status().await.unwrap()[0].counts;
        assert_eq!((counts.done, counts.dead), (JOBS as u64, 0));
    }
}
