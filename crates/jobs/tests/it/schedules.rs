//! Jobs that come again and again.

use jobs::{Error, NewSchedule};

use crate::world::{SECOND_US, World, job};

fn every_minute() -> NewSchedule {
    NewSchedule { name: "tick".to_owned(), cron: "* * * * *".to_owned(), zone: "UTC".to_owned(), job: job(7) }
}

db::on_each_database! {
    async fn an_occurrence_comes_once_for_all_processes(test: &TestDb) {
        let world = World::start(test).await;
        world.jobs.set_schedule(&every_minute()).await.unwrap();
        assert_eq!(world.jobs.carry_out().await.unwrap(), 0);
        world.clock.advance_us(60 * SECOND_US);
        let now = runtime::clock::Clock::now_us(&*world.clock);
        let others: Vec<_> = (0..4).map(|_| World::beside(test, now)).collect();
        let mut tasks = Vec::new();
        for other in others {
            tasks.push(tokio::spawn(async move { other.jobs.carry_out().await.unwrap() }));
        }
        let mut fired = 0;
        for task in tasks {
            fired += task.await.unwrap();
        }
        assert_eq!(fired, 1);
        assert_eq!(world.claim(10).await.len(), 1);
    }

    async fn what_was_missed_comes_once_and_a_clock_set_back_repeats_nothing(test: &TestDb) {
        let world = World::start(test).await;
        let begun = runtime::clock::Clock::now_us(&*world.clock);
        world.jobs.set_schedule(&every_minute()).await.unwrap();
        world.clock.advance_us(3_600 * SECOND_US);
        assert_eq!(world.jobs.carry_out().await.unwrap(), 1);
        assert_eq!(world.jobs.carry_out().await.unwrap(), 0);
        world.clock.set_us(begun);
        assert_eq!(world.jobs.carry_out().await.unwrap(), 0);
        // Set again at the next start, it keeps the time that comes next.
        let before = world.jobs.schedules().await.unwrap();
        world.jobs.set_schedule(&every_minute()).await.unwrap();
        assert_eq!(world.jobs.schedules().await.unwrap()[0].next_us, before[0].next_us);
        let daily = NewSchedule { cron: "0 0 * * *".to_owned(), ..every_minute() };
        world.jobs.set_schedule(&daily).await.unwrap();
        assert_ne!(world.jobs.schedules().await.unwrap()[0].next_us, before[0].next_us);
    }

    async fn a_schedule_runs_by_hand_and_goes(test: &TestDb) {
        let world = World::start(test).await;
        let wrong = NewSchedule { cron: "never".to_owned(), ..every_minute() };
        assert!(matches!(world.jobs.set_schedule(&wrong).await, Err(Error::Invalid { .. })));
        assert!(matches!(world.jobs.run_schedule("tick").await, Err(Error::NoSchedule { .. })));
        world.jobs.set_schedule(&every_minute()).await.unwrap();
        world.jobs.run_schedule("tick").await.unwrap();
        assert_eq!(world.claim(10).await.len(), 1);
        assert!(world.jobs.remove_schedule("tick").await.unwrap());
        assert!(!world.jobs.remove_schedule("tick").await.unwrap());
    }
}
