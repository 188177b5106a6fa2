//! A hundred thousand jobs, each done exactly once although a tenth of the work is lost on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobs::{Claim, Job, Jobs, NewJob, Retry, Stalls};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::world::real;

const JOBS: usize = 100_000;
const AT_ONCE: u32 = 500;
const LEASE: Duration = Duration::from_millis(500);

async fn work(test_db: db::Db, jobs: Jobs, name: &'static str, done: Arc<AtomicUsize>) {
    let mut batches = 0_usize;
    while done.load(Ordering::SeqCst) < JOBS {
        let claim = Claim { queue: "q", kinds: &["a"], most: AT_ONCE, lease: LEASE, worker: name };
        let taken = jobs.claim(claim).await.unwrap().jobs;
        if taken.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        batches += 1;
        let write = test_db.begin().await.unwrap();
        effect(&write, &taken).await;
        jobs.complete(&write, &taken).await.unwrap();
        if batches % 10 == 3 {
            // The process dies before its commit: neither the effects nor the completions are there.
            drop(write);
            continue;
        }
        write.commit().await.unwrap();
        done.fetch_add(taken.len(), Ordering::SeqCst);
    }
}

async fn effect(write: &impl ConnectionTrait, taken: &[Job]) {
    let rows: Vec<String> = taken.iter().map(|job| format!("({})", job.id)).collect();
    write.execute_unprepared(&format!("INSERT INTO effects (job) VALUES {}", rows.join(","))).await.unwrap();
}

db::on_each_database! {
    async fn each_is_done_exactly_once(test: &TestDb) {
        let jobs = real(test).await;
        let write = test.db.begin().await.unwrap();
        write.execute_unprepared("CREATE TABLE effects (job BIGINT NOT NULL)").await.unwrap();
        write.commit().await.unwrap();
        let new: Vec<NewJob> =
            (0..10_000).map(|_| NewJob { retry: Retry::fixed(20, 0), ..NewJob::new("q", "a", json!(1)) }).collect();
        for _ in 0..JOBS / new.len() {
            let write = test.db.begin().await.unwrap();
            assert_eq!(jobs.enqueue_many(&write, &new).await.unwrap(), 10_000);
            write.commit().await.unwrap();
        }
        let done = Arc::new(AtomicUsize::new(0));
        let mut workers = Vec::new();
        for name in ["one", "two", "three"] {
            workers.push(tokio::spawn(work(test.db.clone(), jobs.clone(), name, done.clone())));
        }
        let mut stalls = Stalls::new(jobs.clone(), vec!["q".to_owned()]);
        while done.load(Ordering::SeqCst) < JOBS {
            stalls.look().await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for worker in workers {
            worker.await.unwrap();
        }
        let sql = "SELECT COUNT(*) AS a, COUNT(DISTINCT job) AS b FROM effects";
        let row = test.db.read().query_one_raw(Statement::from_string(test.db.read().get_database_backend(), sql));
        let row = row.await.unwrap().unwrap();
        let counts: (i64, i64) = (row.try_get("", "a").unwrap(), row.try_get("", "b").unwrap());
        let jobs_in_sql = i64::try_from(JOBS).unwrap();
        assert_eq!(counts, (jobs_in_sql, jobs_in_sql));
        let counts = jobs.status().await.unwrap()[0].counts;
        assert_eq!((counts.done, counts.waiting, counts.running, counts.dead), (JOBS as u64, 0, 0, 0));
    }
}
