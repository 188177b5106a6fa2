//! What is given out, to whom, in which order, and how much of it.

use std::time::Duration;

use jobs::{Enqueued, Error, Jobs, Limits, MAX_PAYLOAD_BYTES, NewJob, Rate, State};
use runtime::entropy::SystemRandom;
use serde_json::json;

use crate::world::{NOW_US, SECOND_US, World, complete, enqueue, job};

db::on_each_database! {
    async fn a_job_exists_when_its_transaction_commits(test: &TestDb) {
        let world = World::start(test).await;
        let write = test.db.begin().await.unwrap();
        world.jobs.enqueue(&write, job(1)).await.unwrap();
        drop(write);
        assert!(world.claim(10).await.is_empty());
        let id = enqueue(test, &world.jobs, job(2)).await;
        let taken = world.claim(10).await;
        assert_eq!((taken.len(), taken[0].id, taken[0].payload.as_str(), taken[0].attempt), (1, id, "2", 1));
        assert!(world.claim(10).await.is_empty(), "it is held");
        complete(test, &taken[0]).await.unwrap();
        assert_eq!(world.state(id).await, State::Done);
        assert!(matches!(complete(test, &taken[0]).await, Err(Error::LeaseLost { .. })), "once only");
    }

    async fn the_urgent_come_first_then_the_oldest(test: &TestDb) {
        let world = World::start(test).await;
        for (payload, priority, due) in [(1, 0, 2), (2, 0, 1), (3, 5, 3), (4, -1, 0)] {
            let run_at_us = Some(NOW_US - 10 + due);
            enqueue(test, &world.jobs, NewJob { priority, run_at_us, ..job(payload) }).await;
        }
        let order: Vec<String> = world.claim(10).await.into_iter().map(|job| job.payload).collect();
        assert_eq!(order, ["3", "2", "1", "4"]);
    }

    async fn what_is_put_off_waits_for_its_time(test: &TestDb) {
        let world = World::start(test).await;
        let id = enqueue(test, &world.jobs, NewJob { run_at_us: Some(NOW_US + SECOND_US), ..job(1) }).await;
        assert_eq!(world.state(id).await, State::Delayed);
        world.clock.advance_us(SECOND_US - 1);
        assert!(world.claim(1).await.is_empty());
        world.clock.advance_us(1);
        assert_eq!(world.claim(1).await.len(), 1);
    }

    async fn a_clock_that_jumps_holds_nothing_up_and_doubles_nothing(test: &TestDb) {
        let world = World::start(test).await;
        // Due by a clock that was a day ahead and is set right: it is not due any more, and comes at its time.
        let ahead = World::beside(test, NOW_US + 86_400 * SECOND_US);
        let due = enqueue(test, &ahead.jobs, job(1)).await;
        let put_off = enqueue(test, &world.jobs, NewJob { run_at_us: Some(NOW_US + 60 * SECOND_US), ..job(2) }).await;
        // What was due once is due for everybody, whatever the clock of a process shows.
        let behind = World::beside(test, NOW_US - 86_400 * SECOND_US);
        let taken = behind.claim(10).await;
        assert_eq!(taken.iter().map(|job| job.id).collect::<Vec<_>>(), [due]);
        // The clock jumps over the time of the other one: it comes once.
        world.clock.advance_us(3_600 * SECOND_US);
        let other = world.claim(10).await;
        assert_eq!(other.iter().map(|job| job.id).collect::<Vec<_>>(), [put_off]);
        assert!(ahead.claim(10).await.is_empty());
        for job in taken.iter().chain(&other) {
            complete(test, job).await.unwrap();
        }
    }

    async fn one_of_a_key_is_active(test: &TestDb) {
        let world = World::start(test).await;
        let keyed = |payload| NewJob { unique_key: Some("k".to_owned()), ..job(payload) };
        let first = enqueue(test, &world.jobs, keyed(1)).await;
        let write = test.db.begin().await.unwrap();
        assert_eq!(world.jobs.enqueue(&write, keyed(2)).await.unwrap(), Enqueued::Active(first));
        // Of another kind it is another key.
        let other = NewJob { kind: "b".to_owned(), ..keyed(3) };
        assert!(matches!(world.jobs.enqueue(&write, other).await.unwrap(), Enqueued::New(_)));
        let many = [keyed(4), job(5), job(6)];
        assert_eq!(world.jobs.enqueue_many(&write, &many).await.unwrap(), 2);
        write.commit().await.unwrap();
        let taken = world.claim(1).await;
        let write = test.db.begin().await.unwrap();
        assert_eq!(world.jobs.enqueue(&write, keyed(7)).await.unwrap(), Enqueued::Active(first), "it runs");
        drop(write);
        complete(test, &taken[0]).await.unwrap();
        assert_ne!(enqueue(test, &world.jobs, keyed(8)).await, first);
    }

    async fn a_paused_queue_gives_nothing(test: &TestDb) {
        let world = World::start(test).await;
        enqueue(test, &world.jobs, job(1)).await;
        world.jobs.pause("q").await.unwrap();
        assert!(World::beside(test, NOW_US).claim(1).await.is_empty());
        world.jobs.resume("q").await.unwrap();
        assert_eq!(world.claim(1).await.len(), 1);
    }

    async fn limits_hold_across_processes(test: &TestDb) {
        let (world, other) = (World::start(test).await, World::beside(test, NOW_US));
        for payload in 0..20 {
            enqueue(test, &world.jobs, job(payload)).await;
        }
        let rate = Some(Rate { jobs: 5, per: Duration::from_secs(1) });
        world.jobs.set_limits("q", Limits { concurrency: Some(3), rate }).await.unwrap();
        let taken = world.claim(2).await;
        assert_eq!(taken.len(), 2);
        let more = other.claim(10).await;
        assert_eq!(more.len(), 1, "three run");
        for job in taken.iter().chain(&more) {
            complete(test, job).await.unwrap();
        }
        let more = other.claimed(10).await;
        assert_eq!(more.jobs.len(), 2, "five have begun in this second");
        assert_eq!(more.again_us, Some(SECOND_US));
        for job in &more.jobs {
            complete(test, job).await.unwrap();
        }
        assert!(world.claim(10).await.is_empty());
        world.clock.advance_us(SECOND_US);
        assert_eq!(world.claim(10).await.len(), 3);
    }

    async fn what_is_out_of_bounds_is_refused(test: &TestDb) {
        let world = World::start(test).await;
        let write = test.db.begin().await.unwrap();
        for wrong in [
            NewJob { queue: "a b".to_owned(), ..job(1) },
            NewJob { kind: String::new(), ..job(1) },
            NewJob { payload: json!("x".repeat(MAX_PAYLOAD_BYTES)), ..job(1) },
            NewJob { unique_key: Some("\n".to_owned()), ..job(1) },
        ] {
            assert!(matches!(world.jobs.enqueue(&write, wrong).await, Err(Error::Invalid { .. })));
        }
        drop(write);
        let full = Jobs::bounded(test.db.clone(), world.clock.clone(), std::sync::Arc::new(SystemRandom::new()), 2);
        for payload in 0..2 {
            enqueue(test, &full, job(payload)).await;
        }
        let write = test.db.begin().await.unwrap();
        let error = full.enqueue(&write, job(3)).await.unwrap_err();
        assert!(matches!(error, Error::Full { most: 2, .. }) && error.is_transient(), "{error}");
    }
}
