//! Market states, auctions, icebergs and settings.

use marketdata::{Level, MarketData};
use model::{
    AccountId, Event, Fees, Market, MarketId, MarketState, Price, Quantity, Side, StateCause, TierId, Timestamp,
};

use crate::exchange::{Exchange, Want, market};

const MARKET: MarketId = MarketId(1);

fn opened() -> (Exchange, MarketData) {
    let (exchange, first) = Exchange::open(1, 3);
    let data = MarketData::new();
    data.apply(&first).unwrap();
    (exchange, data)
}

fn levels(levels: &[Level]) -> Vec<(i64, i64)> {
    levels.iter().map(|level| (level.price.0, level.quantity.0)).collect()
}

#[test]
fn an_auction_collects_crossed_orders_and_trades_them_at_once() {
    let (mut exchange, data) = opened();
    let view = data.market("BTCUSDT").unwrap();
    assert_eq!((view.status().state, view.status().cause), (MarketState::Trading, None));
    exchange.begin_auction(MARKET);
    exchange.step();
    let changes = data.apply(&exchange.take()).unwrap();
    assert_eq!((changes.states, changes.books), (vec![MARKET], vec![]));
    let told = view.status();
    assert_eq!((told.state, told.cause, told.indicative), (MarketState::Auction, Some(StateCause::Operator), None));

    exchange.limit(1_000, Side::Sell, 100, 5, "");
    exchange.limit(1_000, Side::Sell, 104, 5, "");
    exchange.limit(1_001, Side::Buy, 103, 4, "");
    exchange.limit(1_001, Side::Buy, 102, 3, "");
    exchange.indicate(MARKET);
    exchange.step();
    data.apply(&exchange.take()).unwrap();
    let crossed = view.depth(10);
    assert_eq!(levels(&crossed.bids), [(103, 4), (102, 3)]);
    assert_eq!(levels(&crossed.asks), [(100, 5), (104, 5)]);
    let indicative = view.status().indicative.unwrap();
    assert_eq!((indicative.price.0, indicative.volume.0, indicative.imbalance.0), (100, 5, 2));
    assert!(view.trades(10).is_empty());

    let mut cursor = view.diffs();
    exchange.end_auction(MARKET);
    exchange.step();
    let changes = data.apply(&exchange.take()).unwrap();
    let trades: Vec<_> = changes.trades.iter().map(|trade| (trade.price.0, trade.quantity.0)).collect();
    assert_eq!(trades, [(100, 4), (100, 1)]);
    let (depth, diff) = (view.depth(10), cursor.take().unwrap().unwrap());
    assert_eq!((levels(&depth.bids), levels(&depth.asks)), (vec![(102, 2)], vec![(104, 5)]));
    assert_eq!((levels(&diff.bids), levels(&diff.asks)), (vec![(103, 0), (102, 2)], vec![(100, 0)]));
    assert_eq!((view.status().state, view.status().indicative), (MarketState::Trading, None));
    assert_eq!(view.last_price(), Some(Price(100)));
}

#[test]
fn an_auction_trade_outside_of_the_best_orders_is_told() {
    let (mut exchange, data) = opened();
    exchange.begin_auction(MARKET);
    exchange.step();
    exchange.limit(1_000, Side::Sell, 100, 5, "");
    exchange.limit(1_001, Side::Buy, 103, 4, "");
    data.apply(&exchange.take()).unwrap();
    exchange.end_auction(MARKET);
    exchange.step();
    let mut batch = exchange.take();
    for event in &mut batch.events {
        if let Event::Trade(trade) = event {
            trade.price = Price(104);
        }
    }
    let error = data.apply(&batch).unwrap_err();
    assert!(error.to_string().ends_with("the auction's price is outside of the best orders"), "{error}");
}

#[test]
fn an_iceberg_shows_one_part_at_a_time() {
    let (mut exchange, data) = opened();
    let view = data.market("BTCUSDT").unwrap();
    let seller = Want { account: AccountId(1_000), side: Side::Sell, price: 100, quantity: 8, ..Want::BLANK };
    let iceberg = exchange.send(&Want { iceberg: 3, ..seller });
    let shown = |exchange: &mut Exchange| {
        data.apply(&exchange.take()).unwrap();
        levels(&view.depth(1).asks)
    };
    assert_eq!(shown(&mut exchange), [(100, 3)]);
    exchange.limit(1_001, Side::Buy, 100, 2, "");
    assert_eq!(shown(&mut exchange), [(100, 1)]);
    exchange.limit(1_001, Side::Buy, 100, 1, "");
    assert_eq!(shown(&mut exchange), [(100, 3)], "the next part");
    // Hidden parts go first: 5 are left, of which 2 are hidden.
    exchange.amend(iceberg, 2, model::ClientOrderId::EMPTY);
    exchange.step();
    assert_eq!(shown(&mut exchange), [(100, 3)]);
    exchange.amend(iceberg, 1, model::ClientOrderId::EMPTY);
    exchange.step();
    assert_eq!(shown(&mut exchange), [(100, 2)]);
    exchange.modify(iceberg, 101, 9);
    exchange.step();
    assert_eq!(shown(&mut exchange), [(101, 3)]);
    exchange.cancel(iceberg, model::ClientOrderId::EMPTY);
    exchange.step();
    assert_eq!(shown(&mut exchange), []);
    assert_eq!(view.status().state, MarketState::Trading);
}

#[test]
fn other_settings_come_with_another_view_of_the_same_book() {
    let (mut exchange, data) = opened();
    exchange.limit(1_000, Side::Sell, 100, 5, "");
    data.apply(&exchange.take()).unwrap();
    let old = data.market("BTCUSDT").unwrap();
    let mut cursor = old.diffs();
    let mut settings = market(1);
    settings.filters.lot.step = 2;
    exchange.emit(Event::MarketSet(settings));
    exchange.step();
    assert_eq!(data.apply(&exchange.take()).unwrap().states, [MARKET]);
    let new = data.market("BTCUSDT").unwrap();
    assert_eq!((old.market.filters.lot.step, new.market.filters.lot.step), (1, 2));
    // The market's own entry of the fee schedule is one of its settings; those of tiers are not.
    let fees = Some(Fees { maker_ppm: -1, taker_ppm: 2 });
    for (tier, want) in [(Some(TierId(1)), market(1).fees), (None, fees)] {
        exchange.emit(Event::FeesSet { tier, market: Some(MARKET), fees });
        exchange.step();
        data.apply(&exchange.take()).unwrap();
        assert_eq!(data.market("BTCUSDT").unwrap().market.fees, want);
    }
    exchange.limit(1_000, Side::Sell, 101, 7, "");
    data.apply(&exchange.take()).unwrap();
    assert_eq!(levels(&old.depth(5).asks), [(100, 5), (101, 7)]);
    assert_eq!(old.depth(5), new.depth(5));
    assert_eq!(levels(&cursor.take().unwrap().unwrap().asks), [(101, 7)], "a cursor goes on");

    // A load sees it in the same way, and keeps the book under the views.
    let mut image = exchange.image();
    image.markets[0].market.fees = None;
    (image.markets[0].state, image.markets[0].until) = (MarketState::Halt, Timestamp::NEVER);
    data.load(&image);
    let loaded = data.market("BTCUSDT").unwrap();
    assert_eq!((loaded.market.fees, old.status().state), (None, MarketState::Halt));
    assert_eq!(loaded.depth(5), old.depth(5));
    exchange.emit(Event::MarketSet(Market { quantity_decimals: 3, ..market(1) }));
    exchange.step();
    assert!(data.apply(&exchange.take()).is_err(), "decimals are fixed");
    assert_eq!(loaded.depth(1).asks[0].quantity, Quantity(5));
}
