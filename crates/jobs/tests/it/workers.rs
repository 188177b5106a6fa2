//! Workers: slots, time, failures, and an orderly end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobs::{Failure, Job, Jobs, NewJob, Options, Retry, State, Worker};
use serde_json::json;
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;

use crate::world::{enqueue, real};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> Options {
    Options { slots: 4, lease: Duration::from_millis(400), timeout: Duration::from_secs(20), ..Options::new("w") }
}

fn quick(kind: &str, attempts: u32) -> NewJob {
    NewJob { retry: Retry::fixed(attempts, 1_000), ..NewJob::new("q", kind, json!({})) }
}

async fn until(jobs: &Jobs, id: i64, state: State) {
    let wait = async {
        while jobs.detail(id).await.unwrap().summary.state != state {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
}

db::on_each_database! {
    async fn jobs_are_done_tried_again_and_given_up(test: &TestDb) {
        let jobs = real(test).await;
        let tries = Arc::new(AtomicUsize::new(0));
        let seen = tries.clone();
        let worker = Worker::new(jobs.clone(), "q", Options { timeout: Duration::from_millis(200), ..options() })
            .handle("good", |_: Job| async { Ok(()) })
            .handle("second", move |job: Job| {
                seen.fetch_add(1, Ordering::SeqCst);
                async move { if job.attempt < 2 { Err(Failure::transient("not yet")) } else { Ok(()) } }
            })
            .handle("never", |_: Job| async { Err(Failure::last("no")) })
            .handle("panics", |_: Job| async { panic!("poison") })
            .handle("hangs", |_: Job| std::future::pending());
        let stop = CancellationToken::new();
        let running = tokio::spawn(worker.run(stop.clone()));
        let wanted = [
            ("good", 3, State::Done),
            ("second", 3, State::Done),
            ("never", 3, State::Dead),
            ("panics", 2, State::Dead),
            ("hangs", 1, State::Dead),
        ];
        let mut ids = Vec::new();
        for (kind, attempts, _) in wanted {
            ids.push(enqueue(test, &jobs, quick(kind, attempts)).await);
        }
        for (id, (_, _, state)) in ids.iter().zip(wanted) {
            until(&jobs, *id, state).await;
        }
        stop.cancel();
        running.await.unwrap().unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 2);
        let errors: Vec<String> = {
            let mut errors = Vec::new();
            for id in &ids[2..] {
                errors.push(jobs.detail(*id).await.unwrap().summary.error.unwrap_or_default());
            }
            errors
        };
        assert_eq!(errors[0], "no");
        assert!(errors[1].contains("panicked") && errors[2].contains("longer than 200ms"), "{errors:?}");
        let detail = jobs.detail(ids[3]).await.unwrap();
        assert_eq!((detail.summary.attempts, detail.failures.len()), (2, 2), "a poisoned job takes no other with it");
    }

    async fn what_ends_together_is_completed_together_but_for_what_was_cancelled(test: &TestDb) {
        const TOGETHER: u32 = 32;
        let jobs = real(test).await;
        // Met once when all have begun, and once when all may end.
        let gate = Arc::new(Barrier::new(TOGETHER as usize + 1));
        let inside = gate.clone();
        let options = Options { slots: TOGETHER, lease: Duration::from_secs(60), ..options() };
        let worker = Worker::new(jobs.clone(), "q", options).handle("a", move |_: Job| {
            let gate = inside.clone();
            async move {
                gate.wait().await;
                gate.wait().await;
                Ok(())
            }
        });
        let mut ids = Vec::new();
        for _ in 0..TOGETHER {
            ids.push(enqueue(test, &jobs, quick("a", 1)).await);
        }
        let stop = CancellationToken::new();
        let running = tokio::spawn(worker.run(stop.clone()));
        tokio::time::timeout(PATIENCE, gate.wait()).await.unwrap();
        jobs.cancel(ids[7]).await.unwrap();
        tokio::time::timeout(PATIENCE, gate.wait()).await.unwrap();
        stop.cancel();
        running.await.unwrap().unwrap();
        for (index, id) in ids.into_iter().enumerate() {
            let want = if index == 7 { State::Cancelled } else { State::Done };
            assert_eq!(jobs.detail(id).await.unwrap().summary.state, want);
        }
    }

    async fn a_long_job_keeps_its_lease(test: &TestDb) {
        let jobs = real(test).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let stop = CancellationToken::new();
        let mut running = Vec::new();
        for name in ["one", "two"] {
            let seen = runs.clone();
            let worker = Worker::new(jobs.clone(), "q", Options { name: name.to_owned(), ..options() });
            let worker = worker.handle("long", move |_: Job| {
                seen.fetch_add(1, Ordering::SeqCst);
                async {
                    // Three leases long.
                    tokio::time::sleep(Duration::from_millis(1_200)).await;
                    Ok(())
                }
            });
            running.push(tokio::spawn(worker.run(stop.clone())));
        }
        let id = enqueue(test, &jobs, quick("long", 3)).await;
        until(&jobs, id, State::Done).await;
        stop.cancel();
        for task in running {
            task.await.unwrap().unwrap();
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    async fn what_does_not_end_in_time_is_given_back(test: &TestDb) {
        let jobs = real(test).await;
        let begun = Arc::new(tokio::sync::Notify::new());
        let told = begun.clone();
        let patience = Duration::from_millis(100);
        let worker = Worker::new(jobs.clone(), "q", Options { patience, ..options() }).handle("hangs", move |_: Job| {
            told.notify_one();
            std::future::pending()
        });
        let stop = CancellationToken::new();
        let running = tokio::spawn(worker.run(stop.clone()));
        let id = enqueue(test, &jobs, quick("hangs", 3)).await;
        tokio::time::timeout(PATIENCE, begun.notified()).await.unwrap();
        stop.cancel();
        running.await.unwrap().unwrap();
        let summary = jobs.detail(id).await.unwrap().summary;
        assert_eq!((summary.state, summary.attempts), (State::Waiting, 0), "as if it had not been taken");
    }
}
