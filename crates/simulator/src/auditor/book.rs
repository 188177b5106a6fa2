//! Books: which orders rest, in which turn, and what an order would get from them.

use model::{MarketId, OrderId, SelfTrade, Side};

use super::Auditor;
use super::state::{Order, Stand, crosses};

/// What an order would get from the book.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walk {
    pub(super) quantity: i128,
    pub(super) quote: i128,
    /// Whether it would get all that it wants.
    pub(super) is_full: bool,
}

/// What is asked of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether all would fill.
    Fill,
    /// What it costs at most.
    Cost,
}

impl Auditor {
    /// Resting orders of one side, in the order in which they trade.
    pub(super) fn queue(&self, market: MarketId, side: Side) -> Vec<Order> {
        let is_there = |order: &&Order| order.stand == Stand::Book && order.market == market && order.side == side;
        let mut queue: Vec<Order> = self.orders.values().filter(is_there).copied().collect();
        queue.sort_by_key(Order::rank);
        queue
    }

    /// The order that trades first.
    pub(super) fn best(&self, market: MarketId, side: Side) -> Option<Order> {
        let is_there = |order: &&Order| order.stand == Stand::Book && order.market == market && order.side == side;
        self.orders.values().filter(is_there).min_by_key(|order| order.rank()).copied()
    }

    pub(super) fn would_take(&self, market: MarketId, side: Side, limit: i128) -> bool {
        self.best(market, side.opposite()).is_some_and(|order| crosses(side, limit, order.price))
    }

    /// Plays what an order would meet; nothing is changed.
    pub(super) fn walk(&self, taker: &Order, question: Question) -> Walk {
        let mut walk = Walk::default();
        let venue = self.venue(taker.market);
        // What an order costs is asked as if nothing halted it: who cannot pay must not halt a market.
        let band = if question == Question::Fill { self.band(taker.market) } else { None };
        let mut makers = self.queue(taker.market, taker.side.opposite());
        let (mut left, mut budget) = (taker.remaining, taker.budget);
        let mut arrivals = self.arrivals;
        loop {
            if budget.map_or(left == 0, |budget| budget == 0) {
                walk.is_full = true;
                return walk;
            }
            makers.sort_by_key(Order::rank);
            let Some(maker) = makers.first_mut() else { return walk };
            if taker.limit().is_some_and(|limit| !crosses(taker.side, limit, maker.price)) {
                return walk;
            }
            let is_own = taker.self_trade != SelfTrade::None && self.same_group(taker.account, maker.account);
            if is_own && taker.self_trade == SelfTrade::ExpireMaker {
                makers.remove(0);
                continue;
            }
            if is_own && (taker.self_trade != SelfTrade::Decrement || question == Question::Fill) {
                return walk;
            }
            let unit_price = venue.quote(maker.price, 1);
            let wanted = budget.map_or(left, |budget| budget / unit_price / venue.lot() * venue.lot());
            let traded = wanted.min(maker.shown);
            if traded == 0 || band.is_some_and(|(low, high)| maker.price < low || maker.price > high) {
                return walk;
            }
            left -= traded;
            budget = budget.map(|budget| budget - traded * unit_price);
            if !is_own {
                walk.quantity += traded;
                walk.quote = walk.quote.saturating_add(traded.saturating_mul(unit_price));
            }
            maker.remaining -= traded;
            maker.shown -= traded;
            if maker.shown == 0 {
                arrivals += 1;
                (maker.shown, maker.arrival) = (maker.part(), arrivals);
            }
            makers.retain(|maker| maker.remaining > 0);
        }
    }

    /// Puts an order into the book, behind all others of its price, and gives what it shows.
    pub(super) fn put_into_book(&mut self, id: OrderId) -> i128 {
        let arrival = self.next_arrival();
        let order = self.order_mut(id);
        (order.stand, order.arrival, order.shown) = (Stand::Book, arrival, order.part());
        order.shown
    }
}
