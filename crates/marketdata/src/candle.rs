use std::collections::VecDeque;

use model::{Price, Side, Timestamp, TradeId};

use crate::{Frame, Interval, PublicTrade, Total};

/// What was traded in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    /// Start of the interval.
    pub open_time: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Base traded, in quantity units of the market.
    pub volume: Total,
    /// Quote traded, in quote ledger units.
    pub quote_volume: Total,
    /// Number of trades.
    pub trades: u64,
    /// Base that takers bought.
    pub taker_buy_volume: Total,
    /// Quote that takers bought with.
    pub taker_buy_quote: Total,
    /// First trade in it; zero when it has none. The last one is `first_trade + trades - 1`.
    pub first_trade: TradeId,
}

impl Candle {
    /// An interval without a trade, at the price of the trade before it.
    pub const fn empty(open_time: Timestamp, close: Price) -> Self {
        Self {
            open_time,
            open: close,
            high: close,
            low: close,
            close,
            volume: Total::ZERO,
            quote_volume: Total::ZERO,
            trades: 0,
            taker_buy_volume: Total::ZERO,
            taker_buy_quote: Total::ZERO,
            first_trade: TradeId(0),
        }
    }

    /// Takes in a trade that follows all others of the candle.
    pub fn add(&mut self, trade: &PublicTrade) {
        if self.trades == 0 {
            (self.open, self.high, self.low) = (trade.price, trade.price, trade.price);
            self.first_trade = trade.id;
        }
        self.high = self.high.max(trade.price);
        self.low = self.low.min(trade.price);
        self.close = trade.price;
        self.volume += trade.quantity.into();
        self.quote_volume += trade.quote.into();
        self.trades += 1;
        if trade.taker_side == Side::Buy {
            self.taker_buy_volume += trade.quantity.into();
            self.taker_buy_quote += trade.quote.into();
        }
    }

    /// Takes in a candle whose trades follow all of this one.
    pub fn join(&mut self, later: &Self) {
        if later.trades == 0 {
            return;
        }
        if self.trades == 0 {
            *self = Self { open_time: self.open_time, ..*later };
            return;
        }
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume += later.volume;
        self.quote_volume += later.quote_volume;
        self.trades += later.trades;
        self.taker_buy_volume += later.taker_buy_volume;
        self.taker_buy_quote += later.taker_buy_quote;
    }
}

/// Joins candles into longer ones. In and out ascending, without empty candles; what comes out must be a whole number of
/// the candles that come in ([`Frame::base`]).
pub fn fold_candles(frame: impl Into<Frame>, candles: &[Candle]) -> Vec<Candle> {
    let frame = frame.into();
    let mut folded: Vec<Candle> = Vec::new();
    for candle in candles {
        let open_time = frame.open_time(candle.open_time);
        match folded.last_mut() {
            Some(last) if last.open_time == open_time => last.join(candle),
            _ => folded.push(Candle { open_time, ..*candle }),
        }
    }
    folded
}

/// The newest candles of one interval, ascending, only those with a trade.
#[derive(Debug)]
pub(crate) struct Series {
    interval: Interval,
    capacity: usize,
    candles: VecDeque<Candle>,
}

impl Series {
    pub(crate) const fn new(interval: Interval, capacity: usize) -> Self {
        Self { interval, capacity, candles: VecDeque::new() }
    }

    pub(crate) fn add(&mut self, trade: &PublicTrade) {
        let open_time = self.interval.open_time(trade.time);
        if let Some(last) = self.candles.back_mut()
            && last.open_time >= open_time
        {
            // Equal in practice: the time of commands never falls.
            last.add(trade);
            return;
        }
        let mut candle = Candle::empty(open_time, trade.price);
        candle.add(trade);
        self.push(candle);
    }

    /// Puts older candles in front; where the two meet in one interval, they become one candle.
    pub(crate) fn prepend(&mut self, older: &[Candle]) {
        let newer = std::mem::take(&mut self.candles);
        let skipped = older.len().saturating_sub(self.capacity);
        for &candle in older[skipped..].iter().chain(&newer) {
            if let Some(last) = self.candles.back_mut()
                && last.open_time >= candle.open_time
            {
                last.join(&candle);
            } else {
                self.push(candle);
            }
        }
    }

    fn push(&mut self, candle: Candle) {
        if self.candles.len() == self.capacity {
            self.candles.pop_front();
        }
        self.candles.push_back(candle);
    }

    pub(crate) fn clear(&mut self) {
        self.candles.clear();
    }

    pub(crate) fn first(&self) -> Option<&Candle> {
        self.candles.front()
    }

    /// The candles that open at this time or later, and the one before them.
    pub(crate) fn since(&self, open_time: Timestamp) -> (Option<&Candle>, impl Iterator<Item = &Candle>) {
        let at = self.candles.partition_point(|candle| candle.open_time < open_time);
        let before = at.checked_sub(1).and_then(|index| self.candles.get(index));
        (before, self.candles.range(at..))
    }

    /// Candles that are a whole number of this series' ones. See [`crate::MarketView::candles`].
    pub(crate) fn candles(&self, query: &CandleQuery) -> Vec<Candle> {
        let (Some(first), Some(last)) = (self.candles.front(), self.candles.back()) else { return Vec::new() };
        let frame = query.frame;
        let first_open = frame.open_time(first.open_time);
        let mut last_open = frame.open_time(last.open_time.max(query.now));
        if let Some(end) = query.end {
            last_open = last_open.min(frame.open_time(end));
        }
        let steps = u64::try_from(query.limit).unwrap_or(u64::MAX).saturating_sub(1);
        let from = match query.start {
            Some(start) => {
                let open = frame.open_time(start);
                if open < start { frame.next(open) } else { open }
            }
            None => frame.back(last_open, steps),
        };
        let mut open_time = from.max(first_open);
        let (before, parts) = self.since(open_time);
        let mut parts = parts.peekable();
        let mut close = before.or(self.candles.front()).map_or(Price::ZERO, |candle| candle.close);
        let mut found = Vec::with_capacity(query.limit.min(1_000));
        while open_time <= last_open && found.len() < query.limit {
            let next = frame.next(open_time);
            let mut candle = Candle::empty(open_time, close);
            while let Some(part) = parts.next_if(|part| part.open_time < next) {
                candle.join(part);
            }
            close = candle.close;
            found.push(candle);
            open_time = next;
        }
        found
    }
}

/// Which candles are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CandleQuery {
    pub(crate) frame: Frame,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    pub(crate) limit: usize,
    pub(crate) now: Timestamp,
}
