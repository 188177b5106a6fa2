//! What administrators see and do.

use db::page::{Keyset, Limit, Order};
use jobs::{Counts, Error, Filter, NewJob, State};

use crate::world::{NOW_US, SECOND_US, World, complete, enqueue, job};

db::on_each_database! {
    async fn a_queue_shows_what_is_in_it(test: &TestDb) {
        let world = World::start(test).await;
        let mut ids = Vec::new();
        for payload in 0..6 {
            ids.push(enqueue(test, &world.jobs, job(payload)).await);
        }
        let later = NewJob { run_at_us: Some(NOW_US + SECOND_US), ..job(9) };
        let later = enqueue(test, &world.jobs, later).await;
        let held = world.claim(2).await;
        complete(test, &held[0]).await.unwrap();
        world.jobs.cancel(ids[5]).await.unwrap();
        world.clock.advance_us(10);
        let status = world.jobs.status().await.unwrap();
        let counts = Counts { waiting: 3, delayed: 1, running: 1, done: 1, dead: 0, cancelled: 1 };
        assert_eq!((status.len(), status[0].counts, status[0].waits_us), (1, counts, Some(10)));

        let keyset = |after| Keyset { after, limit: Limit::clamp(Some(2), 2), order: Order::Descending };
        let waiting = Filter { state: Some(State::Waiting), queue: Some("q".to_owned()), kind: Some("a".to_owned()) };
        let page = world.jobs.page(&waiting, &keyset(None)).await.unwrap();
        assert_eq!(page.items.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[4], ids[3]]);
        let page = world.jobs.page(&waiting, &keyset(page.next)).await.unwrap();
        assert_eq!((page.items.len(), page.items[0].id, page.next), (1, ids[2], None));

        world.jobs.promote(later).await.unwrap();
        assert_eq!(world.state(later).await, State::Waiting);
        assert_eq!(world.jobs.clean("q", State::Cancelled).await.unwrap(), 1);
        assert!(matches!(world.jobs.clean("q", State::Waiting).await, Err(Error::Invalid { .. })));
    }

    async fn a_job_that_runs_can_be_given_up(test: &TestDb) {
        let world = World::start(test).await;
        let id = enqueue(test, &world.jobs, job(1)).await;
        let held = world.claim(1).await;
        world.jobs.cancel(id).await.unwrap();
        assert!(matches!(complete(test, &held[0]).await, Err(Error::LeaseLost { .. })));
        assert_eq!(world.state(id).await, State::Cancelled);
        for (result, action) in
            [(world.jobs.cancel(id).await, "cancelled"), (world.jobs.promote(id).await, "promoted")]
        {
            assert!(matches!(&result, Err(Error::WrongState { action: told, .. }) if *told == action), "{result:?}");
        }
        assert!(matches!(world.jobs.retry(id + 1).await, Err(Error::NotFound { .. })));
    }

    async fn a_dead_letter_does_not_come_back_beside_its_successor(test: &TestDb) {
        let world = World::start(test).await;
        let keyed = NewJob { unique_key: Some("k".to_owned()), ..job(1) };
        let first = enqueue(test, &world.jobs, keyed.clone()).await;
        world.jobs.cancel(first).await.unwrap();
        let second = enqueue(test, &world.jobs, keyed).await;
        assert!(matches!(world.jobs.retry(first).await, Err(Error::KeyActive { .. })));
        world.jobs.cancel(second).await.unwrap();
        world.jobs.retry(first).await.unwrap();
    }
}
