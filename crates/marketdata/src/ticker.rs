use model::{Price, Quantity, Timestamp, TradeId};

use crate::{Interval, Total, UtcOffset, tape::Tape};

const MINUTE: u64 = 60_000_000;
const DAY: u64 = 1_440 * MINUTE;

/// What was traded in a window of time: the last 24 hours, or others.
///
/// A window moves in steps of a minute: it holds all whole minutes that reach into it, so up to one minute more than was
/// asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticker {
    /// First price in the window; the last price ever when there was no trade in it.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price; zero when the market never traded.
    pub last: Price,
    /// Quantity of the last trade; zero when it is not known.
    pub last_quantity: Quantity,
    /// Last price before the window; `open` when it is not known.
    pub previous_close: Price,
    /// Base traded, in quantity units.
    pub volume: Total,
    /// Quote traded, in quote ledger units.
    pub quote_volume: Total,
    /// First trade in the window.
    pub first_id: Option<TradeId>,
    /// Last trade in the window.
    pub last_id: Option<TradeId>,
    /// Number of trades.
    pub count: u64,
    /// When the window begins: of the last 24 hours, 24 hours before `close_time`; of others the beginning of a minute.
    pub open_time: Timestamp,
    /// The time that was asked for; the end of a trading day.
    pub close_time: Timestamp,
}

impl Ticker {
    /// The last 24 hours.
    pub(crate) fn day(tape: &Tape, now: Timestamp) -> Self {
        let open_time = Timestamp(now.0.saturating_sub(DAY));
        Self { open_time, ..Self::since(tape, Interval::M1.open_time(open_time), now) }
    }

    /// See [`crate::MarketView::window`].
    pub(crate) fn window(tape: &Tape, now: Timestamp, minutes: u32) -> Self {
        let from = Timestamp(now.0.saturating_sub(u64::from(minutes) * MINUTE));
        Self::since(tape, Interval::M1.open_time(from), now)
    }

    /// See [`crate::MarketView::trading_day`].
    pub(crate) fn trading_day(tape: &Tape, now: Timestamp, offset: UtcOffset) -> Self {
        let day = Interval::D1.at(offset);
        let open_time = day.open_time(now);
        let last = Timestamp(day.next(open_time).0.saturating_sub(1));
        Self { close_time: last, ..Self::since(tape, open_time, now) }
    }

    /// From the minute that begins at `open_time` to the end of what is known.
    fn since(tape: &Tape, open_time: Timestamp, now: Timestamp) -> Self {
        let (before, minutes) = tape.minutes.since(open_time);
        let last = tape.last_price();
        let quiet = before.map_or(last, |candle| candle.close);
        let mut ticker = Self {
            open: last,
            high: last,
            low: last,
            last,
            last_quantity: tape.last_quantity(),
            previous_close: quiet,
            volume: Total::ZERO,
            quote_volume: Total::ZERO,
            first_id: None,
            last_id: None,
            count: 0,
            open_time,
            close_time: now,
        };
        for minute in minutes {
            if ticker.count == 0 {
                (ticker.open, ticker.high, ticker.low) = (minute.open, minute.high, minute.low);
                ticker.previous_close = before.map_or(minute.open, |candle| candle.close);
                ticker.first_id = Some(minute.first_trade);
            }
            ticker.high = ticker.high.max(minute.high);
            ticker.low = ticker.low.min(minute.low);
            ticker.volume += minute.volume;
            ticker.quote_volume += minute.quote_volume;
            ticker.count += minute.trades;
            ticker.last_id = Some(TradeId(minute.first_trade.0 + minute.trades.saturating_sub(1)));
        }
        ticker
    }

    /// Last price less first price, in price units.
    pub const fn change(&self) -> i64 {
        self.last.0 - self.open.0
    }

    /// The change relative to the first price, in thousandths of a percent, rounded towards zero; zero without a price.
    pub fn change_percent(&self) -> i64 {
        if self.open.0 == 0 {
            return 0;
        }
        let relative = i128::from(self.change()) * 100_000 / i128::from(self.open.0);
        i64::try_from(relative).unwrap_or(i64::MAX)
    }
}

/// The average price of the last minutes, weighted by quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Average {
    /// The price, in the decimals that were asked for; the last price when there was no trade.
    pub price: Total,
    /// Time of the last trade in the average; the time asked for when there was none.
    pub close_time: Timestamp,
}

/// Sums of the minutes that reach into the last `minutes` minutes: quote, base, and when the last trade of them was.
pub(crate) fn recent(tape: &Tape, now: Timestamp, minutes: u32) -> (Total, Total, Option<Timestamp>) {
    let from = Interval::M1.back(Interval::M1.open_time(now), u64::from(minutes.saturating_sub(1)));
    let (mut quote, mut volume, mut newest) = (Total::ZERO, Total::ZERO, None);
    for minute in tape.minutes.since(from).1 {
        quote += minute.quote_volume;
        volume += minute.volume;
        newest = Some(minute.open_time);
    }
    (quote, volume, newest.map(|minute| tape.newest_time().unwrap_or(minute)))
}
