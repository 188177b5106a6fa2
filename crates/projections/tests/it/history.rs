//! Questions to the tables, on both databases.

use std::sync::Arc;

use marketdata::{Candle, Interval, MarketData, PublicTrade, UtcOffset, fold_candles};
use model::{AccountId, Batch, Event, MarketId, OrderId, Sequence, Side, Timestamp, TradeId};
use projections::{AccountTrade, History, LedgerEntry, LedgerKind, LedgerQuery, OrdersQuery, PublicQuery, TradesQuery};

use crate::{
    exchange::{Exchange, market},
    projector::{journal, opened},
};

const ME: AccountId = AccountId(1_000);
const MARKET: MarketId = MarketId(1);

const ALL_ORDERS: OrdersQuery = OrdersQuery { from_order: None, start: None, end: None, limit: 1_000 };
const ALL_TRADES: TradesQuery = TradesQuery { order: None, from: None, start: None, end: None, limit: 1_000 };

/// The events of trades with the time of their step.
fn trades(journal: &[Arc<Batch>]) -> Vec<(model::Trade, Timestamp)> {
    let steps = journal.iter().flat_map(|batch| batch.iter());
    steps
        .flat_map(|(step, events)| events.iter().map(|event| (event, step.time)))
        .filter_map(|(event, time)| match event {
            Event::Trade(trade) => Some((*trade, time)),
            _ => None,
        })
        .collect()
}

fn of_account(trades: &[(model::Trade, Timestamp)], account: AccountId) -> Vec<(u64, bool, u64, i64)> {
    let mut mine = Vec::new();
    for (trade, _) in trades.iter().filter(|(trade, _)| trade.market == MARKET) {
        if trade.taker_account == account {
            mine.push((trade.trade.0, false, trade.taker_order.0, trade.taker_fee.0));
        }
        if trade.maker_account == account {
            mine.push((trade.trade.0, true, trade.maker_order.0, trade.maker_fee.0));
        }
    }
    mine
}

fn essence(trade: &AccountTrade) -> (u64, bool, u64, i64) {
    (trade.fill.trade.0, trade.fill.is_maker, trade.order.0, trade.fill.commission.0)
}

db::on_each_database! {
    async fn orders_by_id_time_and_name(test: &TestDb) {
        let (_, journal) = journal(1, 5, 200);
        opened(test).await.apply(&journal).await.unwrap();
        let history = History::new(test.db.clone());
        let all = history.orders(ME, MARKET, &ALL_ORDERS).await.unwrap();
        assert!(all.len() > 20 && all.windows(2).all(|pair| pair[0].order < pair[1].order));
        assert!(all.iter().all(|view| view.account == ME && view.market == MARKET));
        // Orders of a list are placed at one time.
        let apart = |at: &usize| all[at - 3..at + 5].windows(2).all(|pair| pair[0].placed < pair[1].placed);
        let at = (3..all.len() - 5).find(apart).unwrap();
        let middle = all[at];
        let query = |query: OrdersQuery| { let history = &history; async move { history.orders(ME, MARKET, &query).await.unwrap() } };

        assert_eq!(query(OrdersQuery { limit: 5, ..ALL_ORDERS }).await, all[all.len() - 5..], "the latest");
        assert_eq!(query(OrdersQuery { limit: 0, ..ALL_ORDERS }).await.len(), 1);
        assert_eq!(query(OrdersQuery { from_order: Some(middle.order), limit: 4, ..ALL_ORDERS }).await, all[at..at + 4]);
        assert_eq!(query(OrdersQuery { start: Some(middle.placed), limit: 4, ..ALL_ORDERS }).await, all[at..at + 4]);
        assert_eq!(query(OrdersQuery { start: Some(Timestamp(middle.placed.0 + 1)), limit: 4, ..ALL_ORDERS }).await, all[at + 1..at + 5]);
        assert_eq!(query(OrdersQuery { end: Some(middle.placed), limit: 3, ..ALL_ORDERS }).await, all[at - 2..=at]);
        assert_eq!(query(OrdersQuery { start: Some(all[at - 2].placed), end: Some(all[at + 2].placed), ..ALL_ORDERS }).await, all[at - 2..=at + 2]);
        assert!(query(OrdersQuery { start: Some(Timestamp(u64::MAX)), ..ALL_ORDERS }).await.is_empty());
        assert!(query(OrdersQuery { end: Some(Timestamp(0)), ..ALL_ORDERS }).await.is_empty());
        assert_eq!(query(OrdersQuery { end: Some(Timestamp(u64::MAX)), ..ALL_ORDERS }).await, all);
        assert!(history.orders(AccountId(77), MARKET, &ALL_ORDERS).await.unwrap().is_empty());

        assert_eq!(history.order(ME, middle.order).await.unwrap(), Some(middle));
        assert_eq!(history.order(AccountId(1_001), middle.order).await.unwrap(), None, "of somebody else");
        assert_eq!(history.order(ME, OrderId(1_000_000)).await.unwrap(), None);
        let named = all.iter().rfind(|view| !view.client_id.is_empty()).unwrap();
        let name = named.client_id.as_str();
        assert_eq!(history.order_by_client(ME, MARKET, name).await.unwrap(), Some(*named));
        assert_eq!(history.order_by_client(ME, MarketId(2), name).await.unwrap(), None);
        assert_eq!(history.order_by_client(ME, MARKET, "").await.unwrap(), None);
        assert_eq!(history.order_by_client(ME, MARKET, "'; DROP TABLE projections_orders").await.unwrap(), None);
    }

    async fn the_latest_order_of_a_name(test: &TestDb) {
        let (mut exchange, first) = Exchange::open(2, 6);
        let mut last = OrderId(0);
        for _ in 0..3 {
            last = exchange.limit(1_000, Side::Buy, 100, 5, "again");
            exchange.cancel(last, model::ClientOrderId::EMPTY);
            exchange.step();
        }
        opened(test).await.apply(&[Arc::new(first), Arc::new(exchange.take())]).await.unwrap();
        let history = History::new(test.db.clone());
        assert_eq!(history.order_by_client(ME, MARKET, "again").await.unwrap().unwrap().order, last);
    }

    async fn trades_of_an_account(test: &TestDb) {
        let (_, journal) = journal(3, 6, 700);
        opened(test).await.apply(&journal).await.unwrap();
        let history = History::new(test.db.clone());
        let all = trades(&journal);
        let want = of_account(&all, ME);
        assert!(want.iter().any(|trade| trade.1) && want.iter().any(|trade| !trade.1), "both roles");
        let mine = history.trades(ME, MARKET, &ALL_TRADES).await.unwrap();
        assert_eq!(mine.iter().map(essence).collect::<Vec<_>>(), want);
        for trade in &mine {
            let (event, time) = all.iter().find(|(t, _)| t.market == MARKET && t.trade == trade.fill.trade).unwrap();
            let side = if trade.fill.is_maker { event.taker_side.opposite() } else { event.taker_side };
            let received = if side == Side::Buy { market(1).base } else { market(1).quote };
            assert_eq!((trade.side, trade.time, trade.fill.commission_asset, trade.account), (side, *time, received, ME));
            assert_eq!((trade.fill.price, trade.fill.quantity, trade.fill.quote), (event.price, event.quantity, event.quote));
            assert_eq!(trade.list, history.order(ME, trade.order).await.unwrap().unwrap().list);
        }
        assert!(mine.iter().any(|trade| trade.list.0 > 0) && mine.iter().any(|trade| trade.list.0 == 0));
        let query = |query: TradesQuery| { let history = &history; async move { history.trades(ME, MARKET, &query).await.unwrap() } };
        let middle = &mine[mine.len() / 2];
        let from: Vec<_> = mine.iter().filter(|trade| trade.fill.trade >= middle.fill.trade).take(5).copied().collect();
        assert_eq!(query(TradesQuery { limit: 5, ..ALL_TRADES }).await, mine[mine.len() - 5..]);
        assert_eq!(query(TradesQuery { from: Some(middle.fill.trade), limit: 5, ..ALL_TRADES }).await, from);
        let since: Vec<_> = mine.iter().filter(|trade| trade.time >= middle.time).take(5).copied().collect();
        assert_eq!(query(TradesQuery { start: Some(middle.time), limit: 5, ..ALL_TRADES }).await, since);
        let until: Vec<_> = mine.iter().filter(|trade| trade.time <= middle.time).copied().collect();
        assert_eq!(query(TradesQuery { end: Some(middle.time), ..ALL_TRADES }).await, until);
        assert!(query(TradesQuery { start: Some(Timestamp(u64::MAX)), ..ALL_TRADES }).await.is_empty());
        for order in mine.iter().map(|trade| trade.order).take(20) {
            let of_order: Vec<_> = mine.iter().filter(|trade| trade.order == order).copied().collect();
            assert_eq!(query(TradesQuery { order: Some(order), ..ALL_TRADES }).await, of_order);
        }
        assert!(history.trades(ME, MarketId(9), &ALL_TRADES).await.unwrap().is_empty());
    }

    async fn public_trades(test: &TestDb) {
        let (_, journal) = journal(4, 6, 250);
        opened(test).await.apply(&journal).await.unwrap();
        let history = History::new(test.db.clone());
        let all: Vec<_> = trades(&journal)
            .iter()
            .filter(|(trade, _)| trade.market == MARKET)
            .map(|(trade, time)| PublicTrade::new(trade, *time))
            .collect();
        let every = PublicQuery { from: None, start: None, end: None, limit: 1_000 };
        assert_eq!(history.public_trades(MARKET, &every).await.unwrap(), all);
        let query = |query: PublicQuery| { let history = &history; async move { history.public_trades(MARKET, &query).await.unwrap() } };
        assert_eq!(query(PublicQuery { from: Some(TradeId(10)), limit: 3, ..every }).await, all[9..12]);
        assert_eq!(query(PublicQuery { limit: 3, ..every }).await, all[all.len() - 3..]);
        let (start, end) = (all[20].time, all[40].time);
        let inside: Vec<_> = all.iter().filter(|trade| trade.time >= start && trade.time <= end).copied().collect();
        assert_eq!(query(PublicQuery { start: Some(start), end: Some(end), ..every }).await, inside);
    }

    async fn ledger_pages(test: &TestDb) {
        let (exchange, journal) = journal(5, 6, 250);
        opened(test).await.apply(&journal).await.unwrap();
        let history = History::new(test.db.clone());
        for asset in [None, Some(model::AssetId(2))] {
            let mut pages: Vec<LedgerEntry> = Vec::new();
            let mut before = None;
            loop {
                let page = history.ledger(ME, &LedgerQuery { asset, before, limit: 37 }).await.unwrap();
                let Some(last) = page.last() else { break };
                before = Some((last.sequence, last.entry));
                pages.extend(page);
            }
            let key = |entry: &LedgerEntry| (entry.sequence, entry.entry);
            assert!(pages.len() > 74 && pages.windows(2).all(|pair| key(&pair[0]) > key(&pair[1])));
            assert!(pages.iter().all(|entry| entry.account == ME && asset.is_none_or(|asset| asset == entry.asset)));
            for asset in (1..=3).map(model::AssetId).filter(|held| asset.is_none_or(|asset| asset == *held)) {
                let sum = |change: fn(&LedgerEntry) -> i64| -> i64 {
                    pages.iter().filter(|entry| entry.asset == asset).map(change).sum()
                };
                let held = (sum(|entry| entry.available.0), sum(|entry| entry.held.0));
                assert_eq!(held, exchange.balances[&(ME, asset)]);
            }
            let kinds: std::collections::HashSet<_> = pages.iter().map(|entry| entry.kind).collect();
            assert!(kinds.contains(&LedgerKind::Trade) && kinds.contains(&LedgerKind::OrderHold));
            assert!(!kinds.contains(&LedgerKind::Fee), "fees are entries of the exchange");
            let with_order = pages.iter().find(|entry| entry.kind == LedgerKind::OrderHold).unwrap();
            assert!(with_order.reference > 0 && with_order.market.is_some());
        }
        let fees = history.ledger(model::system::FEES, &LedgerQuery { asset: None, before: None, limit: 1_000 }).await.unwrap();
        assert!(fees.iter().all(|entry| entry.kind == LedgerKind::Fee && entry.available.0 != 0));
    }

    async fn candles_of_all_intervals(test: &TestDb) {
        for (seed, pace) in [(6, 20_000_000u64), (7, 9_000_000_000)] {
            let (mut exchange, first) = Exchange::open(seed, 6);
            exchange.pace = pace;
            let journal = [Arc::new(first), Arc::new(exchange.batch(900))];
            let mut projector = opened(test).await;
            projector.clear().await.unwrap();
            projector.apply(&journal).await.unwrap();
            let mut seconds: Vec<Candle> = Vec::new();
            for (trade, time) in trades(&journal).iter().filter(|(trade, _)| trade.market == MARKET) {
                let open_time = Interval::S1.open_time(*time);
                if seconds.last().is_none_or(|last| last.open_time != open_time) {
                    seconds.push(Candle::empty(open_time, trade.price));
                }
                seconds.last_mut().unwrap().add(&PublicTrade::new(trade, *time));
            }
            let history = History::new(test.db.clone());
            let zones = ["0", "8", "5:45", "-3:30"].map(|zone| UtcOffset::parse(zone).unwrap());
            for interval in Interval::ALL.iter().flat_map(|&interval| zones.map(|zone| interval.at(zone))) {
                let want = fold_candles(interval, &seconds);
                let latest = history.candles(MARKET, interval, None, None, 7).await.unwrap();
                assert_eq!(latest, want[want.len().saturating_sub(7)..], "{interval:?}");
                let middle = want[want.len() / 2].open_time;
                let from = history.candles(MARKET, interval, Some(middle), None, 5).await.unwrap();
                assert_eq!(from, want.iter().filter(|candle| candle.open_time >= middle).take(5).copied().collect::<Vec<_>>());
                let until = history.candles(MARKET, interval, None, Some(middle), 5).await.unwrap();
                let mut expected: Vec<_> = want.iter().filter(|candle| candle.open_time <= middle).rev().take(5).copied().collect();
                expected.reverse();
                assert_eq!(until, expected);
            }
        }
    }

    /// A restart: an image, and the rest from the tables, which may be ahead of the image.
    async fn market_data_comes_back(test: &TestDb) {
        let (mut exchange, first) = Exchange::open(8, 6);
        exchange.pace = 15_000_000;
        let mut projector = opened(test).await;
        let steady = MarketData::new();
        let mut batches = vec![first, exchange.batch(400)];
        let image = exchange.image();
        batches.push(exchange.batch(30));
        for batch in batches {
            steady.apply(&batch).unwrap();
            projector.apply(&[Arc::new(batch)]).await.unwrap();
        }
        assert!(projector.checkpoint() > image.sequence);
        // As they were at the image.
        let restarted = MarketData::new();
        restarted.load(&image);
        let history = History::new(test.db.clone());
        for view in restarted.markets() {
            let past = history.market_history(view.market.id, view.history_boundary()).await.unwrap();
            assert!(past.trades.len() > 10 && past.trades.last().unwrap().id == view.history_boundary());
            assert_eq!(past.days, fold_candles(Interval::D1, &past.minutes));
            assert_eq!(past.hours, fold_candles(Interval::H1, &past.minutes));
            assert!(restarted.load_history(view.market.id, &past));
        }
        let (mut again, first) = Exchange::open(8, 6);
        again.pace = 15_000_000;
        let start = first.steps.len();
        again.batch(400);
        let lost = again.batch(30);
        assert_eq!(lost.steps[0].sequence, Sequence(start as u64 + 401));
        restarted.apply(&lost).unwrap();
        let now = exchange.now();
        for (old, new) in steady.markets().iter().zip(restarted.markets()) {
            assert_eq!(old.ticker(now), new.ticker(now));
            assert_eq!(old.trades(10_000), new.trades(10_000));
            for &interval in Interval::ALL {
                assert_eq!(old.candles(interval, None, None, 1_000, now), new.candles(interval, None, None, 1_000, now));
            }
        }
        assert!(history.market_history(MarketId(9), TradeId(5)).await.unwrap().trades.is_empty());
    }
}
