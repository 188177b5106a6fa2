//! Candles and tickers by plain SQL over the trade log.

use db::testing::TestDb;
use marketdata::{Interval, Ticker, Total};
use model::{Price, Quantity, Timestamp, TradeId, decimal};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::Value;

/// 2027-01-01 and 2027-02-01, 00:00 UTC.
const JANUARY: u64 = 1_798_761_600_000_000;
const FEBRUARY: u64 = 1_801_440_000_000_000;
const DAY: u64 = 86_400_000_000;

/// A row of `klines`, as on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candle(pub(super) Vec<Value>);

impl Candle {
    pub(super) fn open_ms(&self) -> u64 {
        self.0[0].as_u64().unwrap()
    }

    /// Of a row of SQL: open time, open, high, low, close, volume, quote volume, trades, bought, bought quote.
    fn new(row: &[i64; 10], next: u64) -> Self {
        let number = |value: i64| Value::from(value);
        // Prices and quantities of the market have no decimals, amounts have four.
        let text = |value: i64, decimals: u8| Value::from(decimal::format(value, decimals, 8));
        Self(vec![
            number(row[0] / 1_000),
            text(row[1], 0),
            text(row[2], 0),
            text(row[3], 0),
            text(row[4], 0),
            text(row[5], 0),
            Value::from(next / 1_000 - 1),
            text(row[6], 4),
            number(row[7]),
            text(row[8], 0),
            text(row[9], 4),
            Value::from("0"),
        ])
    }
}

/// The trades: time, price, quantity, quote, id.
pub(super) struct Log(Vec<[i64; 5]>);

impl Log {
    pub(super) async fn read(test: &TestDb) -> Self {
        let sql = "SELECT time, price, quantity, quote, trade_id FROM projections_trades WHERE market_id = 1 ORDER BY trade_id";
        Self(rows(test, sql).await)
    }

    pub(super) fn trades(&self) -> usize {
        self.0.len()
    }

    /// The candles of an interval from the first trade until now, each interval with one.
    pub(super) async fn candles(&self, test: &TestDb, interval: Interval, now: Timestamp) -> Vec<Candle> {
        let sparse: Vec<[i64; 10]> = rows(test, &aggregation(interval)).await;
        let mut whole: Vec<Candle> = Vec::new();
        let (mut given, mut close) = (sparse.iter().peekable(), 0);
        let mut open = Timestamp(sparse[0][0].cast_unsigned());
        while open <= now {
            let next = next(interval, open.0);
            let row = given.next_if(|row| row[0].cast_unsigned() == open.0).copied();
            let row = row.unwrap_or([open.0.cast_signed(), close, close, close, close, 0, 0, 0, 0, 0]);
            close = row[4];
            whole.push(Candle::new(&row, next));
            open = Timestamp(next);
        }
        assert_eq!(given.next(), None);
        whole
    }

    /// The stored candles are those of the log, row by row.
    pub(super) async fn check_stored(&self, test: &TestDb) {
        for (interval, seconds) in [
            (Interval::S1, 1),
            (Interval::M1, 60),
            (Interval::M15, 900),
            (Interval::H1, 3_600),
            (Interval::H4, 14_400),
            (Interval::D1, 86_400),
        ] {
            let stored = format!(
                "SELECT open_time, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, taker_buy_quote \
                 FROM projections_candles WHERE market_id = 1 AND seconds = {seconds} ORDER BY open_time"
            );
            let (stored, want): (Vec<[i64; 10]>, Vec<[i64; 10]>) =
                (rows(test, &stored).await, rows(test, &aggregation(interval)).await);
            assert!(!want.is_empty() && stored == want, "{seconds} s");
        }
    }

    /// The ticker of a window that begins at `since`.
    pub(super) fn ticker(&self, since: Timestamp, now: Timestamp) -> Ticker {
        let at = self.0.partition_point(|trade| trade[0].cast_unsigned() < since.0);
        let (before, within) = self.0.split_at(at);
        let last = self.0.last().unwrap();
        let prices = || within.iter().map(|trade| trade[1]);
        let open = within.first().map_or(last[1], |trade| trade[1]);
        let sum = |column: usize| Total(within.iter().map(|trade| i128::from(trade[column])).sum());
        let id = |trade: &[i64; 5]| TradeId(trade[4].cast_unsigned());
        Ticker {
            open: Price(open),
            high: Price(prices().max().unwrap_or(last[1])),
            low: Price(prices().min().unwrap_or(last[1])),
            last: Price(last[1]),
            last_quantity: Quantity(last[2]),
            previous_close: Price(before.last().map_or(open, |trade| trade[1])),
            volume: sum(2),
            quote_volume: sum(3),
            first_id: within.first().map(id),
            last_id: within.last().map(id),
            count: within.len() as u64,
            open_time: Timestamp(now.0 - DAY),
            close_time: now,
        }
    }
}

/// The begin of a trade's interval, in SQL.
fn bucket(interval: Interval) -> String {
    let fixed = |length: u64| format!("time / {length} * {length}");
    match interval {
        Interval::W1 => format!("(time + {}) / {} * {} - {}", 3 * DAY, 7 * DAY, 7 * DAY, 3 * DAY),
        Interval::Mo1 => format!("CASE WHEN time < {FEBRUARY} THEN {JANUARY} ELSE {FEBRUARY} END"),
        other => fixed(length(other)),
    }
}

/// Written out again, so that the test does not trust what it tests.
fn length(interval: Interval) -> u64 {
    let text = interval.as_str();
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => DAY,
        _ => 7 * DAY,
    };
    number.parse::<u64>().unwrap() * unit
}

fn next(interval: Interval, open: u64) -> u64 {
    match interval {
        Interval::Mo1 if open == JANUARY => FEBRUARY,
        Interval::Mo1 => open + 28 * DAY,
        other => open + length(other),
    }
}

fn aggregation(interval: Interval) -> String {
    let bucket = bucket(interval);
    format!(
        "WITH grouped AS (SELECT {bucket} AS open_time, MAX(price) AS high, MIN(price) AS low, \
         CAST(SUM(quantity) AS BIGINT) AS volume, CAST(SUM(quote) AS BIGINT) AS quote_volume, COUNT(*) AS trades, \
         CAST(SUM(CASE taker_side WHEN 0 THEN quantity ELSE 0 END) AS BIGINT) AS bought, \
         CAST(SUM(CASE taker_side WHEN 0 THEN quote ELSE 0 END) AS BIGINT) AS bought_quote, \
         MIN(trade_id) AS first_trade, MAX(trade_id) AS last_trade \
         FROM projections_trades WHERE market_id = 1 GROUP BY {bucket}) \
         SELECT CAST(g.open_time AS BIGINT), f.price, g.high, g.low, l.price, g.volume, g.quote_volume, g.trades, g.bought, \
         g.bought_quote FROM grouped AS g \
         JOIN projections_trades AS f ON f.market_id = 1 AND f.trade_id = g.first_trade \
         JOIN projections_trades AS l ON l.market_id = 1 AND l.trade_id = g.last_trade ORDER BY 1"
    )
}

async fn rows<const N: usize>(test: &TestDb, sql: &str) -> Vec<[i64; N]> {
    let read = test.db.read();
    let rows: Vec<QueryResult> =
        read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| std::array::from_fn(|index| row.try_get_by_index(index).unwrap())).collect()
}
