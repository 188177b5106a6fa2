//! 24 h tickers, average prices, aggregated trades.

use marketdata::{MarketData, Total, aggregate};
use model::{Price, Side, Timestamp, TradeId};

use crate::exchange::Exchange;

const MINUTE: u64 = 60_000_000;
const DAY: u64 = 1_440 * MINUTE;

fn opened(seed: u64) -> (Exchange, MarketData) {
    let (mut exchange, first) = Exchange::open(seed, 3);
    exchange.pace = 1;
    let data = MarketData::new();
    data.apply(&first).unwrap();
    (exchange, data)
}

fn trade(exchange: &mut Exchange, price: i64, quantity: i64) {
    exchange.limit(1_000, Side::Sell, price, quantity, "");
    exchange.limit(1_001, Side::Buy, price, quantity, "");
}

/// Passes time by commands without a trade.
fn wait(exchange: &mut Exchange, until: u64) {
    exchange.pace = (until - exchange.now().0) / 4;
    while exchange.now().0 < until {
        exchange.transfer(model::AccountId(1_000), model::AccountId(1_001), model::AssetId(1), 1);
        exchange.step();
    }
    exchange.pace = 1;
}

#[test]
fn a_market_without_trades() {
    let (exchange, data) = opened(1);
    let view = data.market("BTCUSDT").unwrap();
    let ticker = view.ticker(exchange.now());
    assert_eq!((ticker.count, ticker.first_id, ticker.last, ticker.change_percent()), (0, None, Price(0), 0));
    assert_eq!(view.last_price(), None);
    assert_eq!(view.average_price(exchange.now(), 5, 8).price, Total(0));
}

#[test]
fn the_window_slides() {
    let (mut exchange, data) = opened(2);
    let view = data.market("BTCUSDT").unwrap();
    let start = exchange.now().0;
    trade(&mut exchange, 10_000, 5);
    wait(&mut exchange, start + 2 * MINUTE);
    trade(&mut exchange, 12_500, 2);
    trade(&mut exchange, 8_000, 1);
    data.apply(&exchange.take()).unwrap();
    let ticker = view.ticker(exchange.now());
    assert_eq!(
        (ticker.open, ticker.high, ticker.low, ticker.last),
        (Price(10_000), Price(12_500), Price(8_000), Price(8_000))
    );
    assert_eq!((ticker.first_id, ticker.last_id, ticker.count), (Some(TradeId(1)), Some(TradeId(3)), 3));
    assert_eq!((ticker.volume, ticker.quote_volume), (Total(8), Total((50_000 + 25_000 + 8_000) * 10)));
    assert_eq!((ticker.last_quantity.0, ticker.change(), ticker.change_percent()), (1, -2_000, -20_000));
    // 83,000 / 8 = 10,375 in cents.
    assert_eq!(view.weighted_average(ticker.quote_volume, ticker.volume, 8).format(8, 8), "103.75000000");
    assert_eq!(view.weighted_average(ticker.quote_volume, ticker.volume, 0), Total(103));

    // A day later the first minute has left the window, the third has not.
    let later = Timestamp(start + DAY + MINUTE + MINUTE / 2);
    let ticker = view.ticker(later);
    assert_eq!((ticker.open, ticker.previous_close, ticker.count), (Price(12_500), Price(10_000), 2));
    assert_eq!((ticker.open_time.0, ticker.close_time), (later.0 - DAY, later));
    let much_later = view.ticker(Timestamp(start + 3 * DAY));
    assert_eq!(
        (much_later.count, much_later.open, much_later.last, much_later.last_id),
        (0, Price(8_000), Price(8_000), None)
    );
}

#[test]
fn averages_of_the_last_minutes() {
    let (mut exchange, data) = opened(3);
    let view = data.market("BTCUSDT").unwrap();
    let start = exchange.now().0;
    trade(&mut exchange, 10_000, 1);
    wait(&mut exchange, start + 10 * MINUTE);
    trade(&mut exchange, 10_001, 1);
    trade(&mut exchange, 10_002, 2);
    data.apply(&exchange.take()).unwrap();
    let now = exchange.now();
    // (10,001 + 20,004) / 3 = 10,001.666…
    assert_eq!(view.average_price(now, 5, 8).price.format(8, 8), "100.01666666");
    assert_eq!(view.average_price(now, 5, 2).price, Total(10_001));
    let quiet = Timestamp(now.0 + 60 * MINUTE);
    let average = view.average_price(quiet, 5, 8);
    assert_eq!((average.price.format(8, 8).as_str(), average.close_time), ("100.02000000", quiet));
}

#[test]
fn fills_of_one_order_at_one_price_are_one_aggregate() {
    let (mut exchange, data) = opened(4);
    for (price, quantity) in [(100, 1), (100, 2), (101, 3)] {
        exchange.limit(1_000, Side::Sell, price, quantity, "");
    }
    exchange.limit(1_001, Side::Buy, 101, 5, "");
    exchange.limit(1_001, Side::Buy, 101, 1, "");
    data.apply(&exchange.take()).unwrap();
    let view = data.market("BTCUSDT").unwrap();
    let aggregates = view.agg_trades(100);
    let seen: Vec<_> =
        aggregates.iter().map(|agg| (agg.id.0, agg.first.0, agg.last.0, agg.price.0, agg.quantity.0)).collect();
    assert_eq!(seen, [(1, 1, 2, 100, 3), (3, 3, 3, 101, 2), (4, 4, 4, 101, 1)]);
    assert_eq!(aggregates, aggregate(&view.trades(100)));
    assert_eq!(view.agg_trades(1)[0].id.0, 4);
    assert_eq!(view.agg_trades(1)[0].taker_side, Side::Buy);
}
