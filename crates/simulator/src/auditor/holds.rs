//! What is held for orders. Of a pair, the LIMIT_MAKER, or else the first, holds what it needs, and the other only what it
//! needs beyond that.

use model::{OrderId, OrderType};

use super::Auditor;
use super::state::Order;

impl Auditor {
    /// What an order must hold as things stand.
    pub(super) fn rightful_hold(&self, id: OrderId) -> i128 {
        let order = self.order(id);
        if !order.has_hold() {
            return 0;
        }
        let need = self.venue(order.market).need(order);
        match self.partner(id).map(|other| self.order(other)) {
            Some(other) if self.leads(other, order) => (need - self.venue(order.market).need(other)).max(0),
            _ => need,
        }
    }

    /// Whether an order is the one of its pair that holds all that it needs.
    fn leads(&self, order: &Order, other: &Order) -> bool {
        let is_maker = |order: &Order| order.order_type == OrderType::LimitMaker;
        match (is_maker(order), is_maker(other)) {
            (false, false) => order.id < other.id,
            (is_maker, _) => is_maker,
        }
    }

    /// Holds what an order needs that has just come to rest or to wait; gives the amount.
    pub(super) fn make_hold(&mut self, id: OrderId) -> i128 {
        let held = self.rightful_hold(id);
        self.order_mut(id).held = held;
        held
    }

    /// A resting order traded so much, or lost it: what was held for that part is gone from its hold. Gives how much.
    pub(super) fn pay_from_hold(&mut self, id: OrderId, quantity: i128) -> i128 {
        let order = *self.order(id);
        let gone = self.venue(order.market).cost(order.side, order.held_price, quantity);
        self.order_mut(id).held -= gone;
        gone
    }
}
