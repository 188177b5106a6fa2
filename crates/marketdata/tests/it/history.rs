//! What was traded before the image, brought in afterwards.

use marketdata::{History, Interval, MarketData, PublicTrade, fold_candles};
use model::{MarketId, Timestamp, TradeId};
use proptest::prelude::*;

use crate::exchange::Exchange;

fn minutes(trades: &[PublicTrade]) -> Vec<marketdata::Candle> {
    let mut candles: Vec<marketdata::Candle> = Vec::new();
    for trade in trades {
        let open_time = Interval::M1.open_time(trade.time);
        if candles.last().is_none_or(|last| last.open_time != open_time) {
            candles.push(marketdata::Candle::empty(open_time, trade.price));
        }
        candles.last_mut().unwrap().add(trade);
    }
    candles
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A restart in the middle, with or without more commands before the history arrives, is not to be seen.
    #[test]
    fn a_restart_is_not_to_be_seen(
        seed in any::<u64>(),
        pace in prop::sample::select(vec![20_000u64, 3_000_000, 500_000_000]),
        before in 0usize..300,
        between in 0usize..100,
        after in 0usize..100,
        longer in any::<bool>(),
    ) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        exchange.pace = pace;
        let steady = MarketData::new();
        steady.apply(&first).unwrap();
        let old = steady.apply(&exchange.batch(before)).unwrap().trades;
        let image = exchange.image();
        let restarted = MarketData::new();
        restarted.load(&image);
        let batch = exchange.batch(between);
        steady.apply(&batch).unwrap();
        restarted.apply(&batch).unwrap();
        for id in [MarketId(1), MarketId(2)] {
            let trades: Vec<_> = old.iter().filter(|trade| trade.market == id).copied().collect();
            let minutes = minutes(&trades);
            let boundary = restarted.market_by_id(id).unwrap().history_boundary();
            prop_assert_eq!(boundary, trades.last().map_or(TradeId(0), |trade| trade.id));
            let mut history = History { trades, minutes, ..History::default() };
            if longer {
                history.hours = fold_candles(Interval::H1, &history.minutes);
                history.days = fold_candles(Interval::D1, &history.minutes);
            }
            let view = restarted.market_by_id(id).unwrap();
            prop_assert_eq!(view.is_whole(), boundary.0 == 0);
            prop_assert_eq!(restarted.load_history(id, &history), boundary.0 > 0);
            prop_assert!(view.is_whole());
            prop_assert!(!restarted.load_history(id, &history), "only once");
        }
        let batch = exchange.batch(after);
        steady.apply(&batch).unwrap();
        restarted.apply(&batch).unwrap();
        let now = Timestamp(exchange.now().0 + pace);
        for (old, new) in steady.markets().iter().zip(restarted.markets()) {
            prop_assert_eq!(old.depth(1_000).bids, new.depth(1_000).bids);
            prop_assert_eq!(old.ticker(now), new.ticker(now));
            prop_assert_eq!(old.trades(10_000), new.trades(10_000));
            prop_assert_eq!(old.trades_from(TradeId(3), 10), new.trades_from(TradeId(3), 10));
            for &interval in Interval::ALL {
                prop_assert_eq!(old.candles(interval, None, None, 1_000, now), new.candles(interval, None, None, 1_000, now));
            }
        }
    }
}

#[test]
fn older_trades_than_those_in_memory_are_not_answered() {
    let (mut exchange, first) = Exchange::open(9, 6);
    let data = MarketData::new();
    data.apply(&first).unwrap();
    data.apply(&exchange.batch(1_000)).unwrap();
    let restarted = MarketData::new();
    restarted.load(&exchange.image());
    let view = restarted.market("BTCUSDT").unwrap();
    let last = view.last_trade();
    assert!(last.0 > 20);
    assert_eq!(view.last_price(), data.market("BTCUSDT").unwrap().last_price());
    assert_eq!(view.trades_from(TradeId(1), 10), None);
    assert_eq!(view.trades_from(last, 10), None);
    assert_eq!(view.trades_from(TradeId(last.0 + 1), 10), Some(vec![]));
    let all = data.market("BTCUSDT").unwrap().trades(10_000);
    let newest = History { trades: all[all.len() - 5..].to_vec(), ..History::default() };
    assert!(restarted.load_history(MarketId(1), &newest));
    assert_eq!(view.trades_from(TradeId(last.0 - 5), 10), None);
    assert_eq!(view.trades_from(TradeId(last.0 - 4), 3).unwrap(), all[all.len() - 5..all.len() - 2]);
    assert!(!restarted.load_history(MarketId(7), &newest), "no such market");
}
