//! Candles of all intervals against a recomputation from the trades.

use std::collections::BTreeMap;

use marketdata::{Candle, Frame, Interval, MarketData, PublicTrade, UtcOffset};
use model::{MarketId, Price, Side, Timestamp};
use proptest::prelude::*;

use crate::exchange::{Exchange, START};

const MINUTE: u64 = 60_000_000;

/// Candles recomputed from all trades, gaps filled up to `now`.
fn naive(trades: &[PublicTrade], interval: impl Into<Frame>, now: Timestamp) -> Vec<Candle> {
    let interval = interval.into();
    let mut by_open: BTreeMap<Timestamp, Candle> = BTreeMap::new();
    for trade in trades {
        let open_time = interval.open_time(trade.time);
        by_open.entry(open_time).or_insert(Candle::empty(open_time, trade.price)).add(trade);
    }
    let Some((&first, _)) = by_open.first_key_value() else { return Vec::new() };
    let mut candles = Vec::new();
    let (mut open_time, mut close) = (first, Price::ZERO);
    while open_time <= interval.open_time(now) {
        let candle = by_open.get(&open_time).copied().unwrap_or(Candle::empty(open_time, close));
        close = candle.close;
        candles.push(candle);
        open_time = interval.next(open_time);
    }
    candles
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn all_intervals_agree_with_the_trades(seed in any::<u64>(), pace in prop::sample::select(vec![
        10_000u64, 2_000_000, 90_000_000, 5_000_000_000, 40_000_000_000,
    ]), commands in 1usize..400) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        exchange.pace = pace;
        let data = MarketData::new();
        data.apply(&first).unwrap();
        let trades = data.apply(&exchange.batch(commands)).unwrap().trades;
        let now = Timestamp(exchange.now().0 + pace);
        for view in data.markets() {
            let mine: Vec<_> = trades.iter().filter(|trade| trade.market == view.market.id).copied().collect();
            prop_assert_eq!(view.trades(10_000), mine.clone());
            for &interval in Interval::ALL {
                let want = naive(&mine, interval, now);
                let newest = &want[want.len().saturating_sub(1_000)..];
                prop_assert_eq!(&view.candles(interval, None, None, 1_000, now), newest);
                prop_assert_eq!(view.candle_now(interval, now), want.last().copied());
                let oldest: Vec<_> = want.iter().take(1_000).copied().collect();
                prop_assert_eq!(view.candles(interval, Some(Timestamp(0)), None, 1_000, now), oldest);
                // A window somewhere inside.
                if let Some(middle) = want.get(want.len() / 2) {
                    let (start, end) = (middle.open_time, Timestamp(middle.open_time.0 + pace * 20));
                    let inside: Vec<_> = want
                        .iter()
                        .filter(|candle| candle.open_time >= start && candle.open_time <= end)
                        .take(7)
                        .copied()
                        .collect();
                    prop_assert_eq!(view.candles(interval, Some(start), Some(end), 7, now), inside);
                    let until: Vec<_> =
                        want.iter().filter(|candle| candle.open_time <= start).rev().take(3).copied().collect();
                    let until: Vec<_> = until.into_iter().rev().collect();
                    prop_assert_eq!(view.candles(interval, None, Some(start), 3, now), until);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn those_of_a_time_zone_agree_with_the_trades(
        seed in any::<u64>(),
        pace in prop::sample::select(vec![2_000_000u64, 900_000_000, 40_000_000_000]),
        commands in 1usize..300,
        minutes in prop::sample::select(vec![-720i16, -210, -60, 60, 345, 480, 840]),
    ) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        exchange.pace = pace;
        let data = MarketData::new();
        data.apply(&first).unwrap();
        let trades = data.apply(&exchange.batch(commands)).unwrap().trades;
        let now = Timestamp(exchange.now().0 + pace);
        let view = data.market("BTCUSDT").unwrap();
        let mine: Vec<_> = trades.iter().filter(|trade| trade.market == view.market.id).copied().collect();
        for &interval in Interval::ALL {
            let frame = interval.at(UtcOffset::new(minutes).unwrap());
            let want = naive(&mine, frame, now);
            prop_assert_eq!(view.candle_now(frame, now), want.last().copied());
            let newest = &want[want.len().saturating_sub(500)..];
            prop_assert_eq!(&view.candles(frame, None, None, 500, now), newest);
            if let Some(middle) = want.get(want.len() / 2) {
                let one = view.candles(frame, Some(middle.open_time), Some(middle.open_time), 5, now);
                prop_assert_eq!(one, vec![*middle]);
            }
        }
    }
}

#[test]
fn quiet_minutes_repeat_the_last_close() {
    let (mut exchange, first) = Exchange::open(7, 2);
    exchange.pace = 1;
    let data = MarketData::new();
    data.apply(&first).unwrap();
    let view = data.market("BTCUSDT").unwrap();
    assert!(view.candles(Interval::M1, None, None, 10, Timestamp(START)).is_empty(), "nothing before the first trade");
    assert_eq!(view.candle_now(Interval::M1, Timestamp(START)), None);
    let trade = |exchange: &mut Exchange, price| {
        exchange.limit(1_000, Side::Sell, price, 3, "");
        exchange.limit(1_001, Side::Buy, price, 3, "");
    };
    trade(&mut exchange, 100);
    trade(&mut exchange, 90);
    // Jump over three minutes.
    exchange.pace = 8 * MINUTE;
    while exchange.now().0 < START + 4 * MINUTE {
        exchange.transfer(model::AccountId(1_000), model::AccountId(1_001), model::AssetId(1), 1);
        exchange.step();
    }
    exchange.pace = 1;
    trade(&mut exchange, 120);
    data.apply(&exchange.take()).unwrap();
    let now = Timestamp(exchange.now().0 + 2 * MINUTE);
    let candles = view.candles(Interval::M1, None, None, 1_000, now);
    assert!(candles.len() >= 6);
    let first = candles[0];
    assert_eq!(
        (first.open, first.high, first.low, first.close, first.trades),
        (Price(100), Price(100), Price(90), Price(90), 2)
    );
    assert_eq!((first.volume.0, first.taker_buy_volume.0, first.first_trade.0), (6, 6, 1));
    let (traded, quiet): (Vec<Candle>, Vec<Candle>) =
        candles[1..].iter().copied().partition(|candle| candle.trades > 0);
    assert_eq!(traded.len(), 1);
    for candle in quiet {
        let close = if candle.open_time < traded[0].open_time { 90 } else { 120 };
        assert_eq!(candle, Candle::empty(candle.open_time, Price(close)));
    }
    assert!(view.candles(Interval::M1, Some(Timestamp(now.0 + MINUTE)), None, 10, now).is_empty());
    assert!(view.candles(Interval::M1, None, Some(Timestamp(START - MINUTE)), 10, now).is_empty());
    assert!(view.candles(Interval::M1, None, None, 0, now).is_empty());
    assert_eq!(view.market.id, MarketId(1));
}
