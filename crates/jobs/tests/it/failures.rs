//! Attempts that fail, workers that die, and what is kept of it.

use std::time::Duration;

use jobs::{Error, Retention, Stalls, State};

use crate::world::{LEASE, NOW_US, SECOND_US, World, complete, enqueue, job};

const LEASE_US: u64 = LEASE.as_secs() * SECOND_US;

db::on_each_database! {
    async fn a_worker_that_gives_no_sign_loses_its_jobs(test: &TestDb) {
        let world = World::start(test).await;
        let id = enqueue(test, &world.jobs, job(1)).await;
        let held = world.claim(1).await;
        let mut stalls = Stalls::new(world.jobs.clone(), vec!["q".to_owned()]);
        assert!(stalls.look().await.unwrap().is_empty());
        world.clock.advance_us(LEASE_US);
        assert!(stalls.look().await.unwrap().is_empty(), "its time is not over yet");
        world.clock.advance_us(1);
        assert_eq!(stalls.look().await.unwrap(), [id]);
        assert_eq!(world.state(id).await, State::Delayed);
        // Whoever held it can commit nothing for it.
        assert!(matches!(complete(test, &held[0]).await, Err(Error::LeaseLost { .. })));
        world.clock.advance_us(SECOND_US);
        let again = world.claim(1).await;
        assert_eq!((again[0].id, again[0].attempt), (id, 2));
        complete(test, &again[0]).await.unwrap();
        let failures = world.jobs.detail(id).await.unwrap().failures;
        assert!(failures.len() == 1 && failures[0].error.contains("gave no sign"), "{failures:?}");
    }

    async fn a_job_that_kills_its_workers_ends_as_a_dead_letter(test: &TestDb) {
        let world = World::start(test).await;
        let id = enqueue(test, &world.jobs, job(1)).await;
        for attempt in 1..=3 {
            let held = world.claim(1).await;
            assert_eq!(held[0].attempt, attempt);
            let mut stalls = Stalls::new(world.jobs.clone(), vec!["q".to_owned()]);
            stalls.look().await.unwrap();
            world.clock.advance_us(LEASE_US + 1);
            assert_eq!(stalls.look().await.unwrap(), [id]);
            world.clock.advance_us(SECOND_US);
        }
        assert_eq!(world.state(id).await, State::Dead);
        assert!(world.claim(1).await.is_empty());
        assert_eq!(world.jobs.detail(id).await.unwrap().failures.len(), 3);
        world.jobs.retry(id).await.unwrap();
        assert_eq!(world.claim(1).await[0].attempt, 1);
    }

    async fn a_clock_that_is_set_takes_no_job_from_a_living_worker(test: &TestDb) {
        let world = World::start(test).await;
        enqueue(test, &world.jobs, job(1)).await;
        let held = world.claim(1).await;
        let mut stalls = Stalls::new(world.jobs.clone(), vec!["q".to_owned()]);
        stalls.look().await.unwrap();
        // The time of day jumps by a day either way; the steady clock does not.
        for now_us in [NOW_US + 86_400 * SECOND_US, NOW_US - 86_400 * SECOND_US] {
            world.clock.set_us(now_us);
            assert!(stalls.look().await.unwrap().is_empty());
        }
        complete(test, &held[0]).await.unwrap();
    }

    async fn what_is_finished_is_kept_for_a_while(test: &TestDb) {
        let world = World::start(test).await;
        let (done, given_up) =
            (enqueue(test, &world.jobs, job(1)).await, enqueue(test, &world.jobs, job(2)).await);
        let held = world.claim(1).await;
        complete(test, &held[0]).await.unwrap();
        world.jobs.cancel(given_up).await.unwrap();
        let retention = Retention { done: Duration::from_secs(60), dead: Duration::from_secs(600) };
        world.clock.advance_us(60 * SECOND_US);
        assert_eq!(world.jobs.sweep(retention, 10).await.unwrap(), 0);
        world.clock.advance_us(1);
        assert_eq!(world.jobs.sweep(retention, 1).await.unwrap(), 1);
        assert_eq!(world.jobs.sweep(retention, 10).await.unwrap(), 1);
        assert!(matches!(world.jobs.detail(done).await, Err(Error::NotFound { .. })));
    }
}
