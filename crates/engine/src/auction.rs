//! Call auctions: at which price the orders of a crossed book trade most.

use std::ops::ControlFlow;

use model::Side;

use crate::Book;
use crate::markets::MarketState;
use crate::orders::Orders;

/// What an auction would do now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uncross {
    /// The price of all trades; zero when nothing would trade.
    pub(crate) price: i64,
    pub(crate) volume: i64,
    /// What is left over at the price: of buys when positive, of sells when negative.
    pub(crate) imbalance: i64,
}

/// What was told of an auction that is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Indication {
    pub(crate) told: Uncross,
    /// When it may be told again.
    pub(crate) next_at: u64,
    /// Whether the book has changed since.
    pub(crate) is_stale: bool,
}

/// The best price so far: most volume, then least imbalance, then nearest to the reference, then lowest.
struct Best {
    reference: i64,
    rank: Option<(i128, i128, i128, i64)>,
    found: Uncross,
}

impl Best {
    fn consider(&mut self, price: i64, demand: i128, supply: i128) {
        let (volume, imbalance) = (demand.min(supply), demand - supply);
        let distance = if self.reference == 0 { 0 } else { (i128::from(price) - i128::from(self.reference)).abs() };
        let rank = (-volume, imbalance.abs(), distance, price);
        if volume > 0 && self.rank.is_none_or(|best| rank < best) {
            self.rank = Some(rank);
            let narrow = |value: i128| i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX });
            self.found = Uncross { price, volume: narrow(volume), imbalance: narrow(imbalance) };
        }
    }
}

/// The multiple of `tick` between `low` and `high` (both excluded) that is nearest to `reference`, the lower of two; the
/// lowest without a reference.
fn nearest_between(low: i64, high: i64, tick: i64, reference: i64) -> Option<i64> {
    let lowest = (low / tick + 1).checked_mul(tick)?;
    let highest = (high - 1) / tick * tick;
    if lowest > highest {
        return None;
    }
    if reference <= lowest {
        return Some(lowest);
    }
    if reference >= highest {
        return Some(highest);
    }
    let below = reference / tick * tick;
    let nearer_below = reference - below <= below + tick - reference;
    Some(if nearer_below { below } else { below + tick })
}

/// Levels of one side that the other side's best price reaches, by price from the lowest on.
fn crossed<B: Book>(state: &MarketState<B>, orders: &Orders, side: Side, limit: i64) -> Vec<(i64, i64)> {
    let mut levels = Vec::new();
    state.book.walk_levels(orders, side, &mut |price, quantity| {
        if (side == Side::Buy && price < limit) || (side == Side::Sell && price > limit) {
            return ControlFlow::Break(());
        }
        levels.push((price, quantity));
        ControlFlow::Continue(())
    });
    if side == Side::Buy {
        levels.reverse();
    }
    levels
}

/// What an auction of this book would do now.
///
/// `reference` is what a price should be near, when all else is equal; zero: it should be low.
pub(crate) fn uncross<B: Book>(state: &MarketState<B>, orders: &Orders, reference: i64) -> Uncross {
    let best = |side| state.book.best(orders, side).map(|slot| orders.get(slot).price);
    let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) else { return Uncross::default() };
    if bid < ask {
        return Uncross::default();
    }
    let (bids, asks) = (crossed(state, orders, Side::Buy, ask), crossed(state, orders, Side::Sell, bid));
    let mut demand: i128 = bids.iter().map(|&(_, quantity)| i128::from(quantity)).sum();
    let mut supply: i128 = 0;
    let (mut bids, mut asks) = (bids.iter().peekable(), asks.iter().peekable());
    let mut best = Best { reference, rank: None, found: Uncross::default() };
    let mut before: Option<i64> = None;
    loop {
        let next = [bids.peek(), asks.peek()].into_iter().flatten().map(|&&(price, _)| price).min();
        let Some(price) = next else { return best.found };
        if let Some(between) =
            before.and_then(|low| nearest_between(low, price, state.market.filters.price.step, best.reference))
        {
            best.consider(between, demand, supply);
        }
        if let Some(&&(_, quantity)) = asks.peek().filter(|level| level.0 == price) {
            supply += i128::from(quantity);
            asks.next();
        }
        best.consider(price, demand, supply);
        if let Some(&&(_, quantity)) = bids.peek().filter(|level| level.0 == price) {
            demand -= i128::from(quantity);
            bids.next();
        }
        before = Some(price);
    }
}
