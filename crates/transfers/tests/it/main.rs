//! On SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use db::testing::TestDb;
use transfers::{Error, Outcome, Query, Request, Transfers};

const NOW_US: u64 = 1_700_000_000_000_000;

fn request(from: u32, to: u32, client_id: Option<&str>) -> Request {
    Request { master: 1_000, from, to, asset: 1, amount: 500, client_id: client_id.map(str::to_owned) }
}

async fn open(test: &TestDb) -> Transfers {
    db::migrate(&test.db, &[transfers::migrations()]).await.unwrap();
    Transfers::new(test.db.clone())
}

db::on_each_database! {
    async fn positions_are_dense_and_ids_unique_within_a_master(test: &TestDb) {
        let transfers = open(test).await;
        let turn = transfers.turn().await;
        assert_eq!(turn.pending().await.unwrap(), None);
        let first = turn.begin(request(1_000, 1_002, Some("a")), NOW_US).await.unwrap();
        assert_eq!((first.position, first.outcome), (1, Outcome::Pending));
        assert_eq!(turn.pending().await.unwrap(), Some(first.clone()));
        turn.settle(1, Outcome::Done).await.unwrap();
        assert_eq!(turn.pending().await.unwrap(), None);
        // The same words are the same transfer, others under the same id are refused, and another master has ids of its own.
        let known = turn.known(&first.request).await.unwrap().unwrap();
        assert_eq!((known.position, known.outcome), (1, Outcome::Done));
        let other = Request { amount: 501, ..first.request.clone() };
        assert!(matches!(turn.known(&other).await, Err(Error::ClientIdTaken)));
        assert_eq!(turn.known(&Request { master: 2_000, ..first.request.clone() }).await.unwrap(), None);
        assert_eq!(turn.known(&request(1_000, 1_002, None)).await.unwrap(), None);
        // One that was never sent leaves its position to the next.
        let second = turn.begin(request(1_000, 1_002, None), NOW_US).await.unwrap();
        turn.forget(second.position).await.unwrap();
        let second = turn.begin(request(1_002, 1_000, None), NOW_US + 1).await.unwrap();
        assert_eq!(second.position, 2);
        turn.settle(2, Outcome::Refused(90)).await.unwrap();
        let third = turn.begin(request(1_002, 1_003, None), NOW_US + 2).await.unwrap();
        assert_eq!(third.position, 3);
        drop(turn);
        // What was under way is found by the next process.
        let again = Transfers::new(test.db.clone());
        assert_eq!(again.turn().await.pending().await.unwrap(), Some(third));
    }

    async fn lists_are_pages_newest_first(test: &TestDb) {
        let transfers = open(test).await;
        let turn = transfers.turn().await;
        for number in 0..7u32 {
            let made = turn.begin(request(1_000 + number % 2, 1_005, None), NOW_US + u64::from(number)).await.unwrap();
            turn.settle(made.position, if number == 3 { Outcome::Refused(90) } else { Outcome::Done }).await.unwrap();
        }
        drop(turn);
        let positions = async |query: Query| {
            let (page, total) = transfers.list(1_000, &query).await.unwrap();
            (page.iter().map(|transfer| transfer.position).collect::<Vec<_>>(), total)
        };
        let all = Query { limit: 3, ..Query::default() };
        assert_eq!(positions(all.clone()).await, (vec![7, 6, 5], 7));
        assert_eq!(positions(Query { page: 2, ..all.clone() }).await, (vec![1], 7));
        assert_eq!(positions(Query { from: Some(1_001), ..all.clone() }).await, (vec![6, 4, 2], 3));
        assert_eq!(positions(Query { from: Some(1_001), done_only: true, ..all.clone() }).await, (vec![6, 2], 2));
        assert_eq!(positions(Query { to: Some(1_001), ..all.clone() }).await, (vec![], 0));
        assert_eq!(positions(Query { either: Some(1_005), ..all.clone() }).await.1, 7);
        let between = Query { start_us: Some(NOW_US + 1), end_us: Some(NOW_US + 2), ..all.clone() };
        assert_eq!(positions(between).await, (vec![3, 2], 2));
        assert_eq!(transfers.list(2_000, &all).await.unwrap(), (vec![], 0));
        assert_eq!(transfers.list(1_000, &Query { limit: 0, ..all }).await.unwrap().0.len(), 1);
    }
}
