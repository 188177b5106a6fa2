//! Orders that wait for a price, what they do when it comes, and the queue that they enter the book from.

use model::{ClientOrderId, CloseReason, Event, MarketId, MarketState, OrderId, OrderType, Side};

use super::state::{Order, Stand};
use super::{Auditor, amount, price};

/// Whether a stop price is reached from below: a stop-loss is reached by a move against its owner, a take-profit by one in
/// his favour.
pub(super) const fn rises(order_type: OrderType, side: Side) -> bool {
    match (order_type, side) {
        (OrderType::StopLoss | OrderType::StopLossLimit, Side::Buy) => true,
        (OrderType::StopLoss | OrderType::StopLossLimit, Side::Sell) => false,
        (_, Side::Sell) => true,
        (_, Side::Buy) => false,
    }
}

/// Whether a following order turns at this price.
const fn turns(order: &Order, price: i128) -> bool {
    let delta = order.trailing_delta as i128;
    match order.side {
        Side::Sell => price <= (order.tracked * (10_000 - delta)).div_euclid(10_000),
        Side::Buy => price >= (order.tracked * (10_000 + delta) + 9_999).div_euclid(10_000),
    }
}

impl Auditor {
    /// Looks at what a price triggers.
    pub(super) fn look_at(&mut self, market: MarketId, price: i128) {
        let waiting = |stand: Stand| -> Vec<Order> {
            let is_meant = |order: &&Order| order.market == market && order.stand == stand;
            self.orders.values().filter(is_meant).copied().collect()
        };
        let is_rising = |order: &Order| rises(order.order_type, order.side);
        let mut rising = waiting(Stand::Stop);
        rising.retain(|order| is_rising(order) && order.stop_price <= price);
        rising.sort_by_key(|order| (order.stop_price, order.arrival));
        let mut falling = waiting(Stand::Stop);
        falling.retain(|order| !is_rising(order) && order.stop_price >= price);
        falling.sort_by_key(|order| (-order.stop_price, order.arrival));
        let following = waiting(Stand::Trailing);

        for order in rising.iter().chain(&falling) {
            if order.trailing_delta == 0 {
                self.trigger(order.id);
            } else {
                self.follow_from(order.id, price);
            }
        }
        let mut begins: Vec<OrderId> = Vec::new();
        for order in &following {
            if order.tracked == 0 {
                begins.push(order.id);
            } else if turns(order, price) {
                self.trigger(order.id);
            } else if let Some(order) = self.orders.get_mut(&order.id) {
                let better = if order.side == Side::Sell { price > order.tracked } else { price < order.tracked };
                if better {
                    order.tracked = price;
                }
            }
        }
        for id in begins {
            self.follow_from(id, price);
        }
    }

    /// A trailing order follows from this price on.
    fn follow_from(&mut self, id: OrderId, at: i128) {
        // A partner that triggered may have ended it.
        let Some(order) = self.orders.get_mut(&id) else { return };
        (order.stand, order.tracked) = (Stand::Trailing, at);
        let (account, market) = (order.account, order.market);
        self.emit(Event::Tracking { order: id, account, market, price: price(at) });
    }

    /// An order's price has come: its partner ends, its hold becomes whole, and it joins the queue.
    fn trigger(&mut self, id: OrderId) {
        // A partner that triggered before may have ended it.
        if !self.orders.contains_key(&id) {
            return;
        }
        self.end_partner(id);
        let order = *self.order(id);
        let need = self.venue(order.market).need(&order);
        let own = self.order_mut(id);
        (own.stand, own.held) = (Stand::Queued, need);
        self.venue_mut(order.market).queue.push(vec![id]);
        let (account, market, side, held) = (order.account, order.market, order.side, amount(need - order.held));
        self.emit(Event::Triggered { order: id, account, market, side, held });
    }

    /// Lets those in the queue enter, as long as the market trades.
    pub(super) fn take_queue(&mut self, market: MarketId) {
        loop {
            let venue = self.venue_mut(market);
            if venue.state != MarketState::Trading || venue.queue.is_empty() {
                return;
            }
            let together = venue.queue.remove(0);
            let triggered = together.iter().all(|id| self.order(*id).held != 0);
            if triggered || self.may_enter(&together) {
                for id in &together {
                    self.enter(*id, triggered);
                }
                for id in together {
                    if triggered { self.come(id) } else { self.begin(id) }
                }
            } else {
                let list = self.order(together[0]).list;
                for id in together {
                    self.close_alone(id, CloseReason::Refused, ClientOrderId::EMPTY);
                }
                self.end_list(list);
            }
        }
    }

    /// Rules 48, 56 and 90 for what was pending.
    fn may_enter(&self, together: &[OrderId]) -> bool {
        let mut need = 0;
        for order in together.iter().map(|id| self.order(*id)) {
            let venue = self.venue(order.market);
            let takes =
                order.order_type == OrderType::LimitMaker && self.would_take(order.market, order.side, order.price);
            let (delta, stop) = (order.trailing_delta, order.stop_price);
            if takes || self.is_reached(order.order_type, order.side, delta, stop, venue) {
                return false;
            }
            if order.order_type != OrderType::Market {
                need = need.max(venue.cost(order.side, self.entry_price(order), order.remaining));
            }
        }
        let order = self.order(together[0]);
        self.available(order.account, self.venue(order.market).paid_by(order.side)) >= need
    }

    /// The price that what was pending is held at.
    fn entry_price(&self, order: &Order) -> i128 {
        let prices = [order.price, order.stop_price, self.venue(order.market).last_price];
        prices.into_iter().find(|price| *price != 0).unwrap_or(0)
    }

    fn enter(&mut self, id: OrderId, triggered: bool) {
        let held_price = self.entry_price(self.order(id));
        let order = self.order_mut(id);
        let released = order.held;
        (order.held, order.stand, order.waited) = (0, Stand::Coming, true);
        let (account, market, side) = (order.account, order.market, order.side);
        if !triggered {
            order.held_price = held_price;
        }
        self.emit(Event::Entered { order: id, account, market, side, released: amount(released) });
    }
}
