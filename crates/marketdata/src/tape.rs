use std::collections::VecDeque;

use model::{Price, Quantity, Timestamp, TradeId};

use crate::{
    Candle, Interval, PublicTrade,
    candle::{CandleQuery, Series},
    fold_candles,
};

/// Trades that are kept for each market.
const TRADES: usize = 10_000;
/// Candles that are kept for each market: an hour, 69 days, 2 years and 11 years of trading without a pause.
const SECONDS: usize = 3_600;
const MINUTES: usize = 100_000;
const HOURS: usize = 17_568;
const DAYS: usize = 4_096;

/// What was traded before the image that was loaded. All ascending, up to and including the trade that
/// [`crate::MarketView::history_boundary`] names, candles only for intervals with a trade.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The newest trades, without gaps.
    pub trades: Vec<PublicTrade>,
    /// Candles of one minute.
    pub minutes: Vec<Candle>,
    /// Candles of one hour; made from `minutes` when empty.
    pub hours: Vec<Candle>,
    /// Candles of one day; made from `minutes` when empty.
    pub days: Vec<Candle>,
}

/// A market's trades and candles.
#[derive(Debug)]
pub(crate) struct Tape {
    trades: VecDeque<PublicTrade>,
    seconds: Series,
    pub(crate) minutes: Series,
    hours: Series,
    days: Series,
    last_trade: TradeId,
    last_price: Price,
    last_quantity: Quantity,
    boundary: TradeId,
    history_wanted: bool,
}

impl Tape {
    pub(crate) const fn new(last_trade: TradeId, last_price: Price) -> Self {
        Self {
            trades: VecDeque::new(),
            seconds: Series::new(Interval::S1, SECONDS),
            minutes: Series::new(Interval::M1, MINUTES),
            hours: Series::new(Interval::H1, HOURS),
            days: Series::new(Interval::D1, DAYS),
            last_trade,
            last_price,
            last_quantity: Quantity::ZERO,
            boundary: last_trade,
            history_wanted: last_trade.0 > 0,
        }
    }

    /// Takes in the next trade; false when it is not the one that follows.
    pub(crate) fn add(&mut self, trade: &PublicTrade) -> bool {
        if trade.id.0 != self.last_trade.0 + 1 {
            return false;
        }
        self.last_trade = trade.id;
        self.last_price = trade.price;
        self.last_quantity = trade.quantity;
        self.push(*trade);
        for series in [&mut self.seconds, &mut self.minutes, &mut self.hours, &mut self.days] {
            series.add(trade);
        }
        true
    }

    fn push(&mut self, trade: PublicTrade) {
        if self.trades.len() == TRADES {
            self.trades.pop_front();
        }
        self.trades.push_back(trade);
    }

    pub(crate) fn load_history(&mut self, history: &History) -> bool {
        if !self.history_wanted {
            return false;
        }
        self.history_wanted = false;
        let live = std::mem::take(&mut self.trades);
        let boundary = self.boundary;
        let known = history.trades.iter().filter(|trade| trade.id <= boundary);
        for trade in known.chain(&live) {
            self.push(*trade);
        }
        if self.last_quantity == Quantity::ZERO
            && let Some(last) = self.trades.back()
        {
            self.last_quantity = last.quantity;
        }
        self.load_seconds(history);
        self.minutes.prepend(&history.minutes);
        let fold = |given: &[Candle], interval: Interval| {
            if given.is_empty() { fold_candles(interval, &history.minutes) } else { given.to_vec() }
        };
        self.hours.prepend(&fold(&history.hours, Interval::H1));
        self.days.prepend(&fold(&history.days, Interval::D1));
        true
    }

    /// Seconds are made from the loaded trades. The oldest may lack its first trades, so it is left out.
    fn load_seconds(&mut self, history: &History) {
        let Some(first) = history.trades.first() else { return };
        let whole_from =
            if first.id.0 == 1 { first.time } else { Interval::S1.next(Interval::S1.open_time(first.time)) };
        let mut seconds = Series::new(Interval::S1, SECONDS);
        for trade in history.trades.iter().filter(|trade| trade.id <= self.boundary && trade.time >= whole_from) {
            seconds.add(trade);
        }
        let older: Vec<Candle> = seconds.since(Timestamp(0)).1.copied().collect();
        self.seconds.prepend(&older);
    }

    /// Forgets all but the last trade's id and price.
    pub(crate) fn reset(&mut self, last_trade: TradeId, last_price: Price) {
        self.trades.clear();
        for series in [&mut self.seconds, &mut self.minutes, &mut self.hours, &mut self.days] {
            series.clear();
        }
        self.last_trade = last_trade;
        self.last_price = last_price;
        self.last_quantity = Quantity::ZERO;
        self.boundary = last_trade;
        self.history_wanted = last_trade.0 > 0;
    }

    pub(crate) fn newest(&self, limit: usize) -> Vec<PublicTrade> {
        let skipped = self.trades.len().saturating_sub(limit);
        self.trades.range(skipped..).copied().collect()
    }

    pub(crate) fn from(&self, from: TradeId, limit: usize) -> Option<Vec<PublicTrade>> {
        let first = self.trades.front().map_or(TradeId(self.last_trade.0 + 1), |trade| trade.id);
        if from < first && first.0 > 1 {
            return None;
        }
        let skipped = self.trades.partition_point(|trade| trade.id < from);
        Some(self.trades.range(skipped..).take(limit).copied().collect())
    }

    pub(crate) fn candles(&self, query: &CandleQuery) -> Vec<Candle> {
        // The longest candles that will do: few have to be joined.
        let series = match query.frame.base() {
            Interval::S1 => &self.seconds,
            Interval::H1 => &self.hours,
            Interval::D1 => &self.days,
            _ => &self.minutes,
        };
        series.candles(query)
    }

    /// When the newest trade in memory was.
    pub(crate) fn newest_time(&self) -> Option<Timestamp> {
        self.trades.back().map(|trade| trade.time)
    }

    pub(crate) const fn last_trade(&self) -> TradeId {
        self.last_trade
    }

    pub(crate) const fn last_price(&self) -> Price {
        self.last_price
    }

    pub(crate) const fn last_quantity(&self) -> Quantity {
        self.last_quantity
    }

    pub(crate) const fn boundary(&self) -> TradeId {
        self.boundary
    }
}
