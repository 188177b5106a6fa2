//! A day of trading in seconds: candles and tickers of the REST door against plain SQL over the trade log, on both databases,
//! after restarts in the middle of it and after a rebuild.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod log;
mod market;

use marketdata::Interval;
use model::Timestamp;
use projections::fingerprint;

use log::Log;
use market::{Exchange, Past};

/// Sunday 2027-01-31, 06:00 UTC: a day, a week, three days and a month end within the next 24 hours.
const BEGIN: u64 = 1_801_375_200_000_000;
const HOUR: u64 = 3_600_000_000;
/// Nothing trades from 10:00 to 12:10.
const QUIET: std::ops::Range<u64> = BEGIN + 4 * HOUR..BEGIN + 6 * HOUR + HOUR / 6;

db::on_each_database! {
    async fn candles_are_those_of_the_trade_log(test: &TestDb) {
        let mut exchange = Exchange::open(test, BEGIN).await;
        // It stops four times: at once, in the middle of a minute, in the quiet hours, and an hour before the end; the tables lie
        // behind then.
        for until in [BEGIN + 7_654_321, BEGIN + 3 * HOUR + 29_300_000, BEGIN + 5 * HOUR, BEGIN + 23 * HOUR] {
            exchange.trade_until(until).await;
            exchange = exchange.restart(Past::Loaded).await;
        }
        exchange.trade_until(BEGIN + 24 * HOUR).await;
        exchange.catch_up().await;
        let log = Log::read(test).await;
        assert!(log.trades() > 2_000, "{} trades", log.trades());
        log.check_stored(test).await;
        check_candles(&exchange, &log, test).await;
        check_tickers(&exchange, &log).await;

        // Memory begins with the restart: all else comes from the tables.
        exchange = exchange.restart(Past::Missing).await;
        check_candles(&exchange, &log, test).await;
        exchange.trade_until(BEGIN + 24 * HOUR + HOUR / 2).await;
        exchange.catch_up().await;
        check_candles(&exchange, &Log::read(test).await, test).await;

        // Made anew from the journal.
        let before = fingerprint(&test.db).await.unwrap();
        exchange.rebuild().await;
        assert_eq!(fingerprint(&test.db).await.unwrap(), before);
        exchange = exchange.restart(Past::Loaded).await;
        check_candles(&exchange, &Log::read(test).await, test).await;
        check_tickers(&exchange, &Log::read(test).await).await;
    }
}

/// Every candle of every interval, page by page from the first, and some questions whose answers lie between trades.
async fn check_candles(exchange: &Exchange, log: &Log, test: &db::testing::TestDb) {
    let now = exchange.now();
    for &interval in Interval::ALL {
        let want = log.candles(test, interval, now).await;
        let ask = |query: String| exchange.klines(interval, query);
        let name = interval.as_str();
        assert_eq!(ask("&startTime=0&limit=1".to_owned()).await, want[..1], "{name}: the first of all");
        let mut at = 0;
        while at < want.len() {
            let page = ask(format!("&startTime={}&limit=1000", want[at].open_ms())).await;
            assert_eq!(page.len(), 1_000.min(want.len() - at), "{name} from candle {at}");
            assert_eq!(page, want[at..at + page.len()], "{name} from candle {at}");
            at += page.len();
        }
        for limit in [1, 3, 500] {
            let newest = &want[want.len().saturating_sub(limit)..];
            assert_eq!(ask(format!("&limit={limit}")).await, newest, "{name}: the newest {limit}");
        }
        // Spans that begin or end where nothing trades, or lie there as a whole.
        let (start, end) = (QUIET.start / 1_000 + 60_000, QUIET.end / 1_000 - 60_000);
        let within = |from: u64, to: u64| -> Vec<_> {
            want.iter().filter(|candle| candle.open_ms() >= from && candle.open_ms() <= to).cloned().collect()
        };
        let (all, most) = (within(start, end), 1_000);
        assert_eq!(
            ask(format!("&startTime={start}&endTime={end}&limit=1000")).await,
            all[..all.len().min(most)],
            "{name}"
        );
        let until_end = within(0, end);
        let last = &until_end[until_end.len().saturating_sub(7)..];
        assert_eq!(ask(format!("&endTime={end}&limit=7")).await, last, "{name}: until the quiet hours");
        let from_start = within(start, u64::MAX);
        assert_eq!(ask(format!("&startTime={start}&limit=7")).await, from_start[..from_start.len().min(7)], "{name}");
        assert!(ask(format!("&startTime={}", now.0 / 1_000 + 40 * 86_400_000)).await.is_empty());
        assert!(ask("&startTime=0&endTime=1000000".to_owned()).await.is_empty(), "before the first trade");
    }
}

/// The window of 24 hours slides over the day and out of it.
async fn check_tickers(exchange: &Exchange, log: &Log) {
    for hours in [0, 1, 5, 7, 18, 23, 24, 25, 60] {
        let now = Timestamp(exchange.now().0 + hours * HOUR);
        let since = Interval::M1.open_time(Timestamp(now.0 - 24 * HOUR));
        assert_eq!(exchange.ticker(now), log.ticker(since, now), "{hours} hours later");
    }
}
