use std::sync::Arc;

use model::{Asset, Market, MarketImage, Price, Timestamp, TradeId};
use parking_lot::RwLock;

use crate::{
    AggTrade, Average, BookTicker, Candle, Depth, DiffCursor, Frame, PublicTrade, Status, Ticker, Total, UtcOffset,
    aggregate, book::Book, candle::CandleQuery, tape::Tape, ticker,
};

/// Most candles in one answer.
const MAX_CANDLES: usize = 5_000;

/// Everything public of one market.
///
/// Each call sees the state between two commands, never in the middle of one. Settings are those at the time when the
/// view was given out: when they change, [`crate::MarketData`] gives out another view of the same book and trades.
#[derive(Debug)]
pub struct MarketView {
    /// Its settings.
    pub market: Market,
    /// What is bought and sold.
    pub base: Asset,
    /// What is paid with.
    pub quote: Asset,
    pub(crate) book: Arc<RwLock<Book>>,
    pub(crate) tape: Arc<RwLock<Tape>>,
    pub(crate) status: Arc<RwLock<Status>>,
}

impl MarketView {
    pub(crate) fn new(image: &MarketImage, base: Asset, quote: Asset, update_id: u64) -> Self {
        Self {
            market: image.market,
            base,
            quote,
            book: Arc::new(RwLock::new(Book::new(update_id))),
            tape: Arc::new(RwLock::new(Tape::new(image.last_trade, image.last_price))),
            status: Arc::new(RwLock::new(Status::of(image))),
        }
    }

    /// The same market with other settings.
    pub(crate) fn with(&self, market: Market) -> Self {
        Self {
            market,
            base: self.base,
            quote: self.quote,
            book: Arc::clone(&self.book),
            tape: Arc::clone(&self.tape),
            status: Arc::clone(&self.status),
        }
    }

    /// Its state at the moment.
    pub fn status(&self) -> Status {
        *self.status.read()
    }

    /// Its name.
    pub fn symbol(&self) -> &str {
        self.market.symbol.as_str()
    }

    /// The best levels, at most `limit` of each side.
    pub fn depth(&self, limit: usize) -> Depth {
        self.book.read().depth(limit)
    }

    /// The best level of each side.
    pub fn book_ticker(&self) -> BookTicker {
        self.book.read().top()
    }

    /// A new reader of the book's changes from now on.
    pub fn diffs(self: &Arc<Self>) -> DiffCursor {
        DiffCursor::new(Arc::clone(self))
    }

    /// The newest trades, at most `limit`, ascending.
    pub fn trades(&self, limit: usize) -> Vec<PublicTrade> {
        self.tape.read().newest(limit)
    }

    /// Trades from this one on, at most `limit`, ascending; `None` when some of them are no longer in memory.
    pub fn trades_from(&self, from: TradeId, limit: usize) -> Option<Vec<PublicTrade>> {
        self.tape.read().from(from, limit)
    }

    /// The newest aggregates of trades, at most `limit`, ascending, out of the trades in memory.
    pub fn agg_trades(&self, limit: usize) -> Vec<AggTrade> {
        let trades = self.trades(usize::MAX);
        let mut aggregates = aggregate(&trades);
        aggregates.drain(..aggregates.len().saturating_sub(limit));
        aggregates
    }

    /// Price of the last trade; `None` before the first.
    pub fn last_price(&self) -> Option<Price> {
        Some(self.tape.read().last_price()).filter(|price| price.is_positive())
    }

    /// Id of the last trade; zero before the first.
    pub fn last_trade(&self) -> TradeId {
        self.tape.read().last_trade()
    }

    /// The last 24 hours before `now`; see [`Ticker`] for the granularity.
    pub fn ticker(&self, now: Timestamp) -> Ticker {
        Ticker::day(&self.tape.read(), now)
    }

    /// The last `minutes` minutes before `now`, from the beginning of a minute on: up to one minute more than was asked for,
    /// as Binance's rolling windows have it. Memory holds 100,000 minutes with a trade.
    pub fn window(&self, now: Timestamp, minutes: u32) -> Ticker {
        Ticker::window(&self.tape.read(), now, minutes)
    }

    /// The day that runs at `now` by the clock of a time zone, from its first to its last microsecond.
    pub fn trading_day(&self, now: Timestamp, offset: UtcOffset) -> Ticker {
        Ticker::trading_day(&self.tape.read(), now, offset)
    }

    /// `quote / volume` in units of `10^-decimals`, rounded down; zero when there is no volume.
    pub fn weighted_average(&self, quote: Total, volume: Total, decimals: u8) -> Total {
        if volume.0 == 0 {
            return Total::ZERO;
        }
        let raised = u32::from(self.market.quantity_decimals) + u32::from(decimals);
        let lowered = u32::from(self.quote.scale);
        let ten = |exponent: u32| 10i128.saturating_pow(exponent);
        if raised < lowered {
            return Total(quote.0 / volume.0.saturating_mul(ten(lowered - raised)));
        }
        let factor = ten(raised - lowered);
        // Sums beyond 10^20 or so lose the digits after the point instead of overflowing.
        Total(quote.0.checked_mul(factor).map_or_else(|| (quote.0 / volume.0).saturating_mul(factor), |q| q / volume.0))
    }

    /// Average price of the last `minutes` minutes, the running one included, in units of `10^-decimals`, rounded down;
    /// the last price when there was no trade, and zero when there never was.
    pub fn average_price(&self, now: Timestamp, minutes: u32, decimals: u8) -> Average {
        let tape = self.tape.read();
        let (quote, volume, newest) = ticker::recent(&tape, now, minutes);
        match newest {
            Some(close_time) => Average { price: self.weighted_average(quote, volume, decimals), close_time },
            None => {
                let (from, to) = (u32::from(self.market.price_decimals), u32::from(decimals));
                let price = i128::from(tape.last_price().0);
                let price = if to >= from { price * 10i128.pow(to - from) } else { price / 10i128.pow(from - to) };
                Average { price: Total(price), close_time: now }
            }
        }
    }

    /// Candles, ascending, at most `limit` (and at most 5,000). They begin with the first trade in memory and end with
    /// the candle that runs at `now`; an interval without a trade repeats the last close with no volume.
    ///
    /// With a `start`: the first ones that open at it or later. Without: the last ones. None opens after `end`.
    ///
    /// Candles of a time zone are asked for with [`crate::Interval::at`]. They are joined from hours, or from minutes when
    /// the offset is not whole hours, and reach back as far as these.
    pub fn candles(
        &self,
        frame: impl Into<Frame>,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        limit: usize,
        now: Timestamp,
    ) -> Vec<Candle> {
        let limit = limit.min(MAX_CANDLES);
        self.tape.read().candles(&CandleQuery { frame: frame.into(), start, end, limit, now })
    }

    /// The candle that runs at `now`; `None` before the first trade.
    pub fn candle_now(&self, frame: impl Into<Frame>, now: Timestamp) -> Option<Candle> {
        self.candles(frame, None, None, 1, now).pop()
    }

    /// The last trade that is not in memory by itself, since it was before the image that was loaded: what
    /// [`crate::MarketData::load_history`] brings ends with it. Zero when there was none.
    pub fn history_boundary(&self) -> TradeId {
        self.tape.read().boundary()
    }

    /// When the oldest candle of one minute in memory opens. What is older must come from the stored history.
    pub fn first_minute(&self) -> Option<Timestamp> {
        self.tape.read().minutes.first().map(|candle| candle.open_time)
    }
}
