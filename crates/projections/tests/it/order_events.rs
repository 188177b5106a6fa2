//! Stored lists, amendments, prevented matches, tiers and fees, on both databases.

use std::{collections::BTreeMap, sync::Arc};

use model::{
    AccountId, Amended, Event, Fees, ListId, MarketId, OrderId, Prevented, PreventedId, Sequence, TierId, Timestamp,
};
use projections::{History, ListsQuery, Live};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    exchange::{Exchange, market},
    projector::{journal, opened},
};

const ALL: ListsQuery = ListsQuery { from: None, start: None, end: None, limit: 1_000 };

db::on_each_database! {
    async fn lists_are_the_live_ones(test: &TestDb) {
        let (_, journal) = journal(1, 6, 200);
        let live = Live::new();
        let mut projector = opened(test).await;
        for batches in journal.chunks(2) {
            projector.apply(batches).await.unwrap();
            for batch in batches {
                live.apply(batch).unwrap();
            }
        }
        let history = History::new(test.db.clone());
        let (mut done, mut open) = (0, 0);
        for account in (1_000..1_006).map(AccountId) {
            let lists = history.lists(account, &ALL).await.unwrap();
            for list in &lists {
                assert_eq!(live.list(account, list.list).as_ref(), Some(list));
                assert_eq!(history.list(account, list.list).await.unwrap().as_ref(), Some(list));
                assert_eq!(history.list(AccountId(account.0 + 1), list.list).await.unwrap(), None);
                *if list.is_done { &mut done } else { &mut open } += 1;
            }
            let open: Vec<_> = lists.iter().filter(|list| !list.is_done).copied().collect();
            assert_eq!(open, live.open_lists(account));
            let Some(middle) = lists.get(lists.len() / 2) else { continue };
            let from = history.lists(account, &ListsQuery { from: Some(middle.list), limit: 2, ..ALL }).await.unwrap();
            assert_eq!(from, lists.iter().filter(|list| list.list >= middle.list).take(2).copied().collect::<Vec<_>>());
            let until = history.lists(account, &ListsQuery { end: Some(middle.placed), ..ALL }).await.unwrap();
            assert_eq!(until.last(), Some(middle));
            assert!(history.lists(account, &ListsQuery { start: Some(Timestamp(u64::MAX)), ..ALL }).await.unwrap().is_empty());
            let name = lists.iter().rfind(|list| !list.client_id.is_empty()).unwrap();
            let last = lists.iter().rfind(|list| list.client_id == name.client_id);
            assert_eq!(history.list_by_client(account, name.client_id.as_str()).await.unwrap().as_ref(), last);
        }
        assert!(done > 10 && open > 0, "{done} {open}");
        assert_eq!(history.list_by_client(AccountId(1_000), "").await.unwrap(), None);
        assert_eq!(history.list(AccountId(1_000), ListId(1_000_000)).await.unwrap(), None);
    }

    async fn amendments_and_prevented_matches(test: &TestDb) {
        let (_, journal) = journal(2, 6, 800);
        opened(test).await.apply(&journal).await.unwrap();
        let history = History::new(test.db.clone());
        let steps: Vec<_> = journal.iter().flat_map(|batch| batch.iter()).collect();
        let mut amended: BTreeMap<OrderId, Vec<(Sequence, Amended)>> = BTreeMap::new();
        let mut prevented: Vec<(Timestamp, Prevented)> = Vec::new();
        for (step, events) in &steps {
            for event in *events {
                match event {
                    Event::Amended(event) => amended.entry(event.order).or_default().push((step.sequence, *event)),
                    Event::Prevented(event) => prevented.push((step.time, *event)),
                    _ => {}
                }
            }
        }
        assert!(amended.values().any(|all| all.len() > 1) && prevented.len() > 20);
        for (order, events) in &amended {
            let account = events[0].1.account;
            let stored = history.amendments(account, *order, Sequence(0), 100).await.unwrap();
            let told: Vec<_> = stored.iter().map(|a| (a.sequence, a.new_quantity, a.new_client_id)).collect();
            assert_eq!(told, events.iter().map(|(at, e)| (*at, e.quantity, e.client_id)).collect::<Vec<_>>());
            assert!(stored.windows(2).all(|pair| pair[1].old_client_id == pair[0].new_client_id));
            assert!(stored.iter().all(|amendment| amendment.old_quantity > amendment.new_quantity));
            assert!(history.amendments(AccountId(account.0 + 1), *order, Sequence(0), 100).await.unwrap().is_empty());
            let later = Sequence(events[0].0.0 + 1);
            assert_eq!(history.amendments(account, *order, later, 100).await.unwrap(), stored[1..]);
        }
        for (time, event) in &prevented {
            let (account, market) = (event.taker_account, event.market);
            let found = history.prevented_match(account, market, event.prevented).await.unwrap().unwrap();
            assert_eq!((found.time, found.mode, found.price), (*time, event.mode, event.price));
            assert_eq!((found.maker_quantity, found.taker_quantity), (event.maker_quantity, event.taker_quantity));
            for order in [event.maker_order, event.taker_order] {
                let of_order = history.prevented_matches(account, market, order, PreventedId(0), 1_000).await.unwrap();
                let want = prevented.iter().filter(|(_, e)| e.maker_order == order || e.taker_order == order);
                assert_eq!(
                    of_order.iter().map(|found| found.prevented).collect::<Vec<_>>(),
                    want.map(|(_, event)| event.prevented).collect::<Vec<_>>()
                );
                let from = history.prevented_matches(account, market, order, event.prevented, 1).await.unwrap();
                assert_eq!(from[0].prevented, event.prevented);
            }
            assert_eq!(history.prevented_match(AccountId(77), market, event.prevented).await.unwrap(), None);
        }
        assert_eq!(history.prevented_match(AccountId(1_000), MarketId(9), PreventedId(1)).await.unwrap(), None);
    }

    async fn tiers_and_fees_are_kept(test: &TestDb) {
        let (mut exchange, first) = Exchange::open(3, 2);
        let live = Live::new();
        let me = AccountId(1_000);
        let fees = |maker_ppm, taker_ppm| Fees { maker_ppm, taker_ppm };
        let tier = Some(TierId(7));
        let mut steps = vec![Arc::new(first)];
        for event in [
            Event::AccountOpened { account: AccountId(2_000), parent: me },
            Event::FeesSet { tier: None, market: None, fees: Some(fees(5, 50)) },
            Event::FeesSet { tier, market: None, fees: Some(fees(4, 40)) },
            Event::FeesSet { tier, market: Some(MarketId(2)), fees: Some(fees(-2, 20)) },
            Event::TierSet { account: me, tier: TierId(7) },
            Event::MarketSet(model::Market { fees: None, ..market(1) }),
        ] {
            exchange.emit(event);
            exchange.step();
            steps.push(Arc::new(exchange.take()));
        }
        for batch in &steps {
            live.apply(batch).unwrap();
        }
        // The first that there is: tier and market, tier, market, any.
        assert_eq!(live.fees(me, MarketId(2)), fees(-2, 20));
        assert_eq!(live.fees(me, MarketId(1)), fees(4, 40));
        assert_eq!(live.fees(AccountId(1_001), MarketId(2)), market(2).fees.unwrap());
        assert_eq!(live.fees(AccountId(1_001), MarketId(1)), fees(5, 50));
        assert_eq!((live.parent(AccountId(2_000)), live.parent(me), live.tier(me)), (Some(me), None, TierId(7)));

        // Opened and put into a tier in one transaction, or in several.
        for chunk in [steps.len(), 1] {
            let mut projector = opened(test).await;
            projector.clear().await.unwrap();
            for batches in steps.chunks(chunk) {
                projector.apply(batches).await.unwrap();
            }
            let read = test.db.read();
            let mut stored = Vec::new();
            for sql in [
                "SELECT account_id, parent_id, tier_id FROM projections_accounts ORDER BY 1",
                "SELECT tier_id, market_id, maker_ppm FROM projections_fees WHERE maker_ppm IS NOT NULL ORDER BY 1, 2",
            ] {
                let rows = read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap();
                let row = |row: &sea_orm::QueryResult| [0, 1, 2].map(|at: usize| row.try_get_by_index::<i64>(at).unwrap());
                stored.push(rows.iter().map(row).collect::<Vec<_>>());
            }
            assert_eq!(stored[0], [[1_000, 0, 7], [1_001, 0, 0], [2_000, 1_000, 0]]);
            assert_eq!(stored[1], [[-1, -1, 5], [-1, 2, -300], [7, -1, 4], [7, 2, -2]], "of market 1 the entry is gone");
        }
        // An image says the same.
        let mut image = exchange.image();
        image.accounts[0].tier = TierId(7);
        image.markets[0].market.fees = None;
        image.fees = vec![
            model::FeesImage { tier: None, market: None, fees: fees(5, 50) },
            model::FeesImage { tier, market: None, fees: fees(4, 40) },
            model::FeesImage { tier, market: Some(MarketId(2)), fees: fees(-2, 20) },
        ];
        let loaded = Live::new();
        loaded.load(&image).unwrap();
        for account in [1_000, 1_001].map(AccountId) {
            for market in [1, 2].map(MarketId) {
                assert_eq!(loaded.fees(account, market), live.fees(account, market));
            }
        }
    }
}
