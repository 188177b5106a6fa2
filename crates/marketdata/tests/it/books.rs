//! Depth, top of book and diffs.

use std::collections::BTreeMap;

use marketdata::{Depth, DiffCursor, Error, Level, MarketData};
use model::{Batch, MarketId, OpenOrder, OrderId, OrderType, Price, Quantity, Sequence, Side};
use proptest::prelude::*;

use crate::exchange::Exchange;

/// The levels of a market, recomputed from its open orders; bids then asks, best first.
fn levels<'a>(orders: impl Iterator<Item = &'a OpenOrder>, market: MarketId) -> (Vec<Level>, Vec<Level>) {
    let mut sides = [BTreeMap::<i64, i64>::new(), BTreeMap::new()];
    for order in orders.filter(|order| order.market == market && order.visible.0 > 0) {
        *sides[order.side as usize].entry(order.price.0).or_default() += order.visible.0;
    }
    let level = |(&price, &quantity): (&i64, &i64)| Level { price: Price(price), quantity: Quantity(quantity) };
    (sides[0].iter().rev().map(level).collect(), sides[1].iter().map(level).collect())
}

/// A book as a client keeps it: a snapshot and the diffs after it, by the rules of the public API.
struct Client {
    depth: Depth,
    last: Option<u64>,
}

impl Client {
    fn follow(&mut self, cursor: &mut DiffCursor) {
        let Some(diff) = cursor.take().unwrap() else { return };
        assert!(diff.first_update_id <= diff.last_update_id);
        if let Some(last) = self.last {
            assert_eq!(diff.first_update_id, last + 1, "diffs are contiguous");
        }
        self.last = Some(diff.last_update_id);
        if diff.last_update_id <= self.depth.last_update_id {
            return;
        }
        assert!(diff.first_update_id <= self.depth.last_update_id + 1, "no gap after the snapshot");
        for (side, changed) in [(&mut self.depth.bids, diff.bids), (&mut self.depth.asks, diff.asks)] {
            for level in changed {
                side.retain(|held| held.price != level.price);
                if level.quantity.0 > 0 {
                    side.push(level);
                }
            }
        }
        self.depth.bids.sort_by_key(|level| -level.price.0);
        self.depth.asks.sort_by_key(|level| level.price.0);
        self.depth.last_update_id = diff.last_update_id;
    }
}

fn check(data: &MarketData, exchange: &Exchange) {
    for view in data.markets() {
        let (bids, asks) = levels(exchange.orders.values().map(|(_, order)| order), view.market.id);
        let depth = view.depth(usize::MAX);
        assert_eq!((&depth.bids, &depth.asks), (&bids, &asks));
        let top = view.book_ticker();
        assert_eq!((top.bid, top.ask), (bids.first().copied(), asks.first().copied()));
        assert_eq!(top.update_id, depth.last_update_id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn depth_is_the_sum_of_the_open_orders(seed in any::<u64>(), sizes in prop::collection::vec(1usize..40, 1..25)) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        let data = MarketData::new();
        prop_assert_eq!(data.apply(&first).unwrap().listed, vec![MarketId(1), MarketId(2)]);
        let views = data.markets();
        let mut fast: Vec<_> = views.iter().map(|view| view.diffs()).collect();
        let mut slow: Vec<_> = views.iter().map(|view| view.diffs()).collect();
        let client = |view: &std::sync::Arc<marketdata::MarketView>| Client { depth: view.depth(5_000), last: None };
        let mut fast_clients: Vec<_> = views.iter().map(client).collect();
        let mut slow_clients: Vec<_> = views.iter().map(client).collect();
        for (round, size) in sizes.into_iter().enumerate() {
            let before: Vec<_> = views.iter().map(|view| view.depth(5_000)).collect();
            let changes = data.apply(&exchange.batch(size)).unwrap();
            check(&data, &exchange);
            for (index, view) in views.iter().enumerate() {
                let depth = view.depth(5_000);
                let same = depth.bids == before[index].bids && depth.asks == before[index].asks;
                prop_assert!(same || changes.books.contains(&view.market.id));
                let top = |depth: &Depth| (depth.bids.first().copied(), depth.asks.first().copied());
                prop_assert!(top(&depth) == top(&before[index]) || changes.tops.contains(&view.market.id));
                fast_clients[index].follow(&mut fast[index]);
                prop_assert_eq!(&fast_clients[index].depth.bids, &depth.bids);
                prop_assert_eq!(&fast_clients[index].depth.asks, &depth.asks);
                prop_assert_eq!(fast_clients[index].depth.last_update_id, depth.last_update_id);
                if round % 5 == 4 {
                    slow_clients[index].follow(&mut slow[index]);
                    prop_assert_eq!(&slow_clients[index].depth, &depth);
                }
            }
        }
    }

    #[test]
    fn a_load_goes_on_where_the_books_were(seed in any::<u64>(), before in 1usize..200, lost in 0usize..200) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        let data = MarketData::new();
        data.apply(&first).unwrap();
        data.apply(&exchange.batch(before)).unwrap();
        let view = data.market("BTCUSDT").unwrap();
        let mut cursor = view.diffs();
        let mut client = Client { depth: view.depth(5_000), last: None };
        let id = client.depth.last_update_id;
        exchange.batch(lost);
        data.load(&exchange.image());
        prop_assert!(view.depth(1).last_update_id >= id);
        client.follow(&mut cursor);
        check(&data, &exchange);
        prop_assert_eq!(&client.depth.bids, &view.depth(5_000).bids);
        prop_assert_eq!(&client.depth.asks, &view.depth(5_000).asks);
        data.apply(&exchange.batch(50)).unwrap();
        client.follow(&mut cursor);
        check(&data, &exchange);
        prop_assert_eq!(&client.depth, &view.depth(5_000));
    }
}

#[test]
fn one_command_is_one_update() {
    let (mut exchange, first) = Exchange::open(1, 3);
    let data = MarketData::new();
    data.apply(&first).unwrap();
    let view = data.market("BTCUSDT").unwrap();
    let mut cursor = view.diffs();
    assert_eq!(cursor.take(), Ok(None), "nothing changed yet");
    for price in [101, 102, 103] {
        exchange.limit(1_000, Side::Sell, price, 5, "");
    }
    let changes = data.apply(&exchange.take()).unwrap();
    assert_eq!((changes.books, changes.tops), (vec![MarketId(1)], vec![MarketId(1)]));
    let diff = cursor.take().unwrap().unwrap();
    let resting = diff.last_update_id;
    assert_eq!(Sequence(resting), data.sequence());
    // Takes two levels whole and a part of the third.
    exchange.limit(1_001, Side::Buy, 103, 12, "");
    let changes = data.apply(&exchange.take()).unwrap();
    assert_eq!(changes.trades.len(), 3);
    assert_eq!(view.depth(10).asks, vec![Level { price: Price(103), quantity: Quantity(3) }]);
    let diff = cursor.take().unwrap().unwrap();
    assert_eq!((diff.first_update_id, diff.last_update_id), (resting + 1, resting + 1));
    let quantities: Vec<_> = diff.asks.iter().map(|level| (level.price.0, level.quantity.0)).collect();
    assert_eq!((quantities, diff.bids.len()), (vec![(101, 0), (102, 0), (103, 3)], 0));
    assert_eq!(cursor.take(), Ok(None));
}

#[test]
fn what_leaves_the_book_as_it_was_changes_no_id() {
    let (mut exchange, first) = Exchange::open(2, 3);
    let data = MarketData::new();
    data.apply(&first).unwrap();
    exchange.limit(1_000, Side::Sell, 101, 5, "");
    data.apply(&exchange.take()).unwrap();
    let view = data.market("BTCUSDT").unwrap();
    let before = view.depth(10);
    exchange.transfer(model::AccountId(1_000), model::AccountId(1_001), model::AssetId(1), 7);
    exchange.step();
    // An order that cannot trade at its price, and may not rest.
    let want = crate::exchange::Want {
        account: model::AccountId(1_001),
        market: MarketId(1),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: model::TimeInForce::Ioc,
        self_trade: model::SelfTrade::None,
        price: 100,
        quantity: 9,
        ..crate::exchange::Want::BLANK
    };
    exchange.send(&want);
    let changes = data.apply(&exchange.take()).unwrap();
    assert_eq!(changes, marketdata::Changes::default());
    assert_eq!(view.depth(10), before);
    assert!(data.sequence().0 > before.last_update_id);
}

#[test]
fn gaps_and_contradictions_are_told() {
    let (mut exchange, first) = Exchange::open(3, 3);
    let data = MarketData::new();
    data.apply(&first).unwrap();
    let at = data.sequence();
    let known = exchange.batch(10);
    data.apply(&known).unwrap();
    assert_eq!(data.apply(&known), Ok(marketdata::Changes::default()), "known steps are skipped");
    exchange.batch(1);
    let late = exchange.batch(1);
    assert_eq!(data.apply(&late), Err(Error::Gap { expected: Sequence(at.0 + 11), found: Sequence(at.0 + 12) }));
    data.load(&exchange.image());
    check(&data, &exchange);

    // A close of an order that is not there.
    let mut batch = Batch::default();
    batch.events.push(model::Event::Closed(model::Closed {
        order: OrderId(1_000_000),
        account: model::AccountId(1_000),
        market: MarketId(1),
        side: Side::Buy,
        reason: model::CloseReason::Cancelled,
        price: Price(1),
        remaining: Quantity(1),
        visible: Quantity(1),
        released: model::Amount(1),
        request_id: model::ClientOrderId::EMPTY,
    }));
    batch.steps.push(model::Step {
        sequence: Sequence(at.0 + 13),
        time: exchange.now(),
        source: model::SourceId::NONE,
        source_seq: model::SourceSeq(0),
        first_event: 0,
        event_count: 1,
    });
    assert!(matches!(data.apply(&batch), Err(Error::Diverged { sequence, .. }) if sequence.0 == at.0 + 13));
    assert_eq!(data.sequence(), Sequence(at.0 + 12));
}

#[test]
fn a_cursor_that_nobody_reads_is_lost_and_a_new_one_is_not() {
    let (mut exchange, first) = Exchange::open(4, 3);
    let data = MarketData::new();
    data.apply(&first).unwrap();
    let view = data.market("BTCUSDT").unwrap();
    let mut cursor = view.diffs();
    for round in 0..60 {
        for price in 0..10_000 {
            let order = exchange.limit(1_000, Side::Buy, 1 + round * 10_000 + price, 1, "");
            exchange.cancel(order, model::ClientOrderId::EMPTY);
            exchange.step();
        }
        data.apply(&exchange.take()).unwrap();
    }
    assert_eq!(cursor.take(), Err(marketdata::Lost));
    assert_eq!(cursor.take(), Err(marketdata::Lost));
    let mut fresh = view.diffs();
    assert_eq!(fresh.take(), Ok(None));
    exchange.limit(1_000, Side::Buy, 5, 1, "");
    data.apply(&exchange.take()).unwrap();
    assert_eq!(fresh.take().unwrap().unwrap().bids.len(), 1);
}

#[test]
fn names_find_assets_and_markets() {
    let (_, first) = Exchange::open(5, 1);
    let data = MarketData::new();
    assert!(data.markets().is_empty() && data.assets().is_empty());
    data.apply(&first).unwrap();
    assert_eq!(data.assets().len(), 3);
    assert_eq!(data.asset_by_symbol("ETH").unwrap().scale, 9);
    assert_eq!(data.asset(model::AssetId(2)).unwrap().symbol.as_str(), "USDT");
    let view = data.market("ETHBTC").unwrap();
    assert_eq!((view.symbol(), view.market.id, view.base.symbol.as_str()), ("ETHBTC", MarketId(2), "ETH"));
    for unknown in ["", "ethbtc", "BTC", "BTCUSDTBTCUSDTBTCUSDTBTCUSDT"] {
        assert!(data.market(unknown).is_none(), "{unknown}");
    }
    assert!(data.market_by_id(MarketId(9)).is_none());
}
