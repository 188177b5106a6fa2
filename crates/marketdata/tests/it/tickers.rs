//! Tickers of any window, average prices, aggregated trades.

use marketdata::{Aggregator, MarketData, Ticker, Total, UtcOffset, aggregate};
use model::{Price, Side, Timestamp, TradeId};
use proptest::prelude::*;

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
    exchange.skip_to(start + 2 * MINUTE);
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

/// Windows of any length against sums over the trades.
#[test]
fn windows_of_any_length() {
    let (mut exchange, data) = opened(5);
    let view = data.market("BTCUSDT").unwrap();
    let start = exchange.now().0;
    for (at, price) in [(0, 10_000), (3, 10_400), (40, 9_900), (59, 10_100), (200, 10_300), (3_000, 10_200)] {
        if at > 0 {
            exchange.skip_to(start + at * MINUTE);
        }
        trade(&mut exchange, price, 2);
    }
    data.apply(&exchange.take()).unwrap();
    let now = exchange.now();
    let trades = view.trades(100);
    for minutes in [1, 5, 59, 60, 240, 1_440, 2_800, 2_801, 2_960, 2_961, 3_001, 7 * 1_440] {
        let ticker = view.window(now, minutes);
        let from = now.0 - u64::from(minutes) * MINUTE;
        let from = from - from % MINUTE;
        let inside: Vec<_> = trades.iter().filter(|trade| trade.time.0 >= from).collect();
        let before = trades.iter().rfind(|trade| trade.time.0 < from);
        let (first, last) = (inside[0], inside[inside.len() - 1]);
        let want = Ticker {
            open: first.price,
            high: inside.iter().map(|trade| trade.price).max().unwrap(),
            low: inside.iter().map(|trade| trade.price).min().unwrap(),
            last: last.price,
            last_quantity: last.quantity,
            previous_close: before.map_or(first.price, |trade| trade.price),
            volume: Total(inside.iter().map(|trade| i128::from(trade.quantity.0)).sum()),
            quote_volume: Total(inside.iter().map(|trade| i128::from(trade.quote.0)).sum()),
            first_id: Some(first.id),
            last_id: Some(last.id),
            count: inside.len() as u64,
            open_time: Timestamp(from),
            close_time: now,
        };
        assert_eq!(ticker, want, "{minutes} minutes");
    }
    assert_eq!(view.window(now, 1).count, 1);
    assert_eq!(view.window(now, 7 * 1_440).count, 6);
    // A day's window is the 24 h ticker, but begins on a minute.
    let day = view.window(now, 1_440);
    assert_eq!(view.ticker(now), Ticker { open_time: Timestamp(now.0 - DAY), ..day });
    assert_eq!(view.window(now, u32::MAX).open_time, Timestamp(0));
}

#[test]
fn the_day_of_a_time_zone() {
    let (mut exchange, data) = opened(6);
    let view = data.market("BTCUSDT").unwrap();
    // It is 13:47:59 in UTC, 23:47:59 ten hours east of it, and 01:32:59 of the next day in UTC+11:45.
    let start = exchange.now().0;
    trade(&mut exchange, 10_000, 1);
    exchange.skip_to(start + 13 * MINUTE);
    trade(&mut exchange, 11_000, 1);
    data.apply(&exchange.take()).unwrap();
    let now = exchange.now();
    let midnight = 1_707_523_200_000_000;
    for (offset, count, open_time) in [
        ("0", 2, midnight),
        ("10", 1, midnight + DAY - 10 * 60 * MINUTE),
        ("-12:00", 2, midnight + 720 * MINUTE),
        ("11:45", 2, midnight + DAY - 705 * MINUTE),
    ] {
        let ticker = view.trading_day(now, UtcOffset::parse(offset).unwrap());
        assert_eq!((ticker.count, ticker.open_time.0), (count, open_time), "{offset}");
        assert_eq!(ticker.close_time.0, open_time + DAY - 1, "{offset}");
    }
}

#[test]
fn averages_of_the_last_minutes() {
    let (mut exchange, data) = opened(3);
    let view = data.market("BTCUSDT").unwrap();
    let start = exchange.now().0;
    trade(&mut exchange, 10_000, 1);
    exchange.skip_to(start + 10 * MINUTE);
    trade(&mut exchange, 10_001, 1);
    trade(&mut exchange, 10_002, 2);
    data.apply(&exchange.take()).unwrap();
    let now = exchange.now();
    // (10,001 + 20,004) / 3 = 10,001.666…
    assert_eq!(view.average_price(now, 5, 8).price.format(8, 8), "100.01666666");
    assert_eq!(view.average_price(now, 5, 2).price, Total(10_001));
    assert_eq!(view.average_price(now, 5, 2).close_time, view.trades(1)[0].time);
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

proptest! {
    /// Trades that come in pieces make the same aggregates, as long as a command is not cut.
    #[test]
    fn aggregates_of_a_feed_are_those_of_the_whole(seed in any::<u64>(), sizes in prop::collection::vec(1usize..20, 1..20)) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        let data = MarketData::new();
        data.apply(&first).unwrap();
        let mut aggregator = Aggregator::default();
        let mut aggregates = Vec::new();
        for size in sizes {
            for trade in data.apply(&exchange.batch(size)).unwrap().trades {
                aggregates.extend(aggregator.add(&trade));
            }
            aggregates.extend(aggregator.finish());
        }
        for view in data.markets() {
            let mine: Vec<_> =
                aggregates.iter().filter(|aggregate| aggregate.market == view.market.id).copied().collect();
            prop_assert_eq!(mine, aggregate(&view.trades(10_000)));
        }
        prop_assert_eq!(data.time(), exchange.now());
    }
}
