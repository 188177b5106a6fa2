use std::collections::BTreeMap;

use model::{Price, Quantity, Side, Timestamp};

/// Changed prices that are kept for a cursor before it is lost.
const MAX_CHANGES: usize = 500_000;
/// Changed prices that are kept before they are looked through for repetitions.
const MIN_CHANGES: usize = 1_024;

/// All orders of one price, as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// What is shown at it, without the hidden parts of icebergs; in a diff zero means that the level is gone.
    pub quantity: Quantity,
}

/// The best levels of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depth {
    /// Sequence of the last command that changed the book.
    pub last_update_id: u64,
    /// What is bid, highest price first.
    pub bids: Vec<Level>,
    /// What is asked, lowest price first.
    pub asks: Vec<Level>,
}

/// The best level of each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookTicker {
    /// Sequence of the last command that changed the book.
    pub update_id: u64,
    /// Highest bid.
    pub bid: Option<Level>,
    /// Lowest ask.
    pub ask: Option<Level>,
}

pub(crate) type Levels = BTreeMap<Price, Quantity>;

/// Prices that changed since somebody looked; with repetitions, which are removed when there are many.
#[derive(Debug, Default)]
struct Changed {
    prices: Vec<Price>,
    tidy_at: usize,
}

impl Changed {
    /// False when there are too many.
    fn push(&mut self, price: Price) -> bool {
        if self.prices.len() >= self.tidy_at.max(MIN_CHANGES) {
            self.tidy();
            self.tidy_at = self.prices.len() * 2;
            if self.prices.len() >= MAX_CHANGES {
                return false;
            }
        }
        self.prices.push(price);
        true
    }

    fn tidy(&mut self) {
        self.prices.sort_unstable();
        self.prices.dedup();
    }

    fn take(&mut self) -> Vec<Price> {
        self.tidy();
        self.tidy_at = 0;
        std::mem::take(&mut self.prices)
    }
}

#[derive(Debug, Default)]
struct Watcher {
    bids: Changed,
    asks: Changed,
    lost: bool,
}

impl Watcher {
    fn push(&mut self, side: Side, price: Price) {
        if self.lost {
            return;
        }
        let changed = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        if !changed.push(price) {
            *self = Self { lost: true, ..Self::default() };
        }
    }
}

/// A market's price levels.
///
/// A level's sum fits: the base of its asks, and the quote of its bids, is held by accounts whose balances fit.
#[derive(Debug, Default)]
pub(crate) struct Book {
    bids: Levels,
    asks: Levels,
    update_id: u64,
    time: Timestamp,
    watchers: Vec<Option<Watcher>>,
}

impl Book {
    pub(crate) fn new(update_id: u64) -> Self {
        Self { update_id, ..Self::default() }
    }

    const fn side(&self, side: Side) -> &Levels {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    /// Adds to a level, or takes from it. False when there is not that much at the price.
    #[must_use]
    pub(crate) fn change(&mut self, side: Side, price: Price, delta: i64) -> bool {
        let levels = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        let level = levels.entry(price).or_default();
        let Some(quantity) = level.0.checked_add(delta).filter(|&quantity| quantity >= 0) else { return false };
        if quantity == 0 {
            levels.remove(&price);
        } else {
            level.0 = quantity;
        }
        for watcher in self.watchers.iter_mut().flatten() {
            watcher.push(side, price);
        }
        true
    }

    /// The best price of a side.
    pub(crate) fn best(&self, side: Side) -> Option<Price> {
        match side {
            Side::Buy => self.bids.last_key_value(),
            Side::Sell => self.asks.first_key_value(),
        }
        .map(|(&price, _)| price)
    }

    /// Names what was changed since the last call.
    pub(crate) const fn stamp(&mut self, update_id: u64, time: Timestamp) {
        self.update_id = update_id;
        self.time = time;
    }

    /// Replaces all levels. Watchers see the difference. An update id never falls.
    pub(crate) fn replace(&mut self, bids: Levels, asks: Levels, update_id: u64, time: Timestamp) {
        for (side, new) in [(Side::Buy, &bids), (Side::Sell, &asks)] {
            let old = match side {
                Side::Buy => &self.bids,
                Side::Sell => &self.asks,
            };
            let gone_or_other = old.iter().filter(|&(price, quantity)| new.get(price) != Some(quantity));
            let fresh = new.iter().filter(|&(price, _)| !old.contains_key(price));
            for (&price, _) in gone_or_other.chain(fresh) {
                for watcher in self.watchers.iter_mut().flatten() {
                    watcher.push(side, price);
                }
            }
        }
        (self.bids, self.asks) = (bids, asks);
        self.update_id = self.update_id.max(update_id);
        self.time = time;
    }

    pub(crate) const fn update_id(&self) -> u64 {
        self.update_id
    }

    pub(crate) const fn time(&self) -> Timestamp {
        self.time
    }

    pub(crate) fn depth(&self, limit: usize) -> Depth {
        let level = |(&price, &quantity): (&Price, &Quantity)| Level { price, quantity };
        Depth {
            last_update_id: self.update_id,
            bids: self.bids.iter().rev().take(limit).map(level).collect(),
            asks: self.asks.iter().take(limit).map(level).collect(),
        }
    }

    pub(crate) fn top(&self) -> BookTicker {
        let level = |(&price, &quantity): (&Price, &Quantity)| Level { price, quantity };
        BookTicker {
            update_id: self.update_id,
            bid: self.bids.last_key_value().map(level),
            ask: self.asks.first_key_value().map(level),
        }
    }

    pub(crate) fn watch(&mut self) -> usize {
        let watcher = Some(Watcher::default());
        if let Some(slot) = self.watchers.iter().position(Option::is_none) {
            self.watchers[slot] = watcher;
            return slot;
        }
        self.watchers.push(watcher);
        self.watchers.len() - 1
    }

    pub(crate) fn unwatch(&mut self, slot: usize) {
        if let Some(watcher) = self.watchers.get_mut(slot) {
            *watcher = None;
        }
    }

    /// The changed levels since the watcher last took them, each side best first; `None` when it was lost.
    pub(crate) fn take(&mut self, slot: usize) -> Option<(Vec<Level>, Vec<Level>)> {
        let watcher = self.watchers.get_mut(slot)?.as_mut()?;
        if watcher.lost {
            return None;
        }
        let (bids, asks) = (watcher.bids.take(), watcher.asks.take());
        let now = |side, price| Level { price, quantity: self.side(side).get(&price).copied().unwrap_or_default() };
        Some((
            bids.into_iter().rev().map(|price| now(Side::Buy, price)).collect(),
            asks.into_iter().map(|price| now(Side::Sell, price)).collect(),
        ))
    }
}
