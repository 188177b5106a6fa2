//! Orders that wait outside of the book. What triggers them is not looked at: a trigger is a command of its own here.

use model::{Amount, ClientOrderId, CloseReason, Event, ListKind, OpenOrder, OrderId, Side, Wait};

use super::{Exchange, market, scale};

impl Exchange {
    /// What must be held for what is left of an order.
    pub(super) fn need(order: &OpenOrder) -> i64 {
        let market = market(order.market.0);
        if order.side == Side::Sell {
            return order.remaining.0 * market.base_unit(scale(market.base));
        }
        let price = if order.price.0 > 0 { order.price.0 } else { order.stop_price.0 };
        price * order.remaining.0 * market.quote_unit(scale(market.quote))
    }

    /// Emits that an order waits, with so much held for it.
    pub(super) fn arm(&mut self, mut open: OpenOrder, wait: Wait, held: i64) {
        (open.wait, open.held) = (wait, Amount(held));
        self.release(&open, -held);
        self.priority += 1;
        self.orders.insert(open.order, (self.priority, open));
        let OpenOrder { order, account, market, side, .. } = open;
        self.emit(Event::Armed { order, account, market, side, wait, held: Amount(held) });
    }

    /// Emits that a waiting order is triggered and meets the book.
    pub(crate) fn trigger(&mut self, order: OrderId) {
        let open = self.orders[&order].1;
        if self.lists.get(&open.list).is_some_and(|list| list.kind != ListKind::Oto) {
            for other in self.others(&open) {
                self.close(other, CloseReason::ListDone, ClientOrderId::EMPTY);
            }
        }
        let (_, open) = self.orders.get_mut(&order).unwrap();
        let more = Self::need(open) - open.held.0;
        open.held.0 += more;
        open.wait = Wait::Market;
        let open = *open;
        self.release(&open, -more);
        let OpenOrder { account, market, side, .. } = open;
        self.emit(Event::Triggered { order, account, market, side, held: Amount(more) });
        self.leave_wait(order);
        self.run_queue();
    }

    /// Emits that a waiting order's turn has come, and what follows from it.
    pub(super) fn leave_wait(&mut self, order: OrderId) {
        let (_, mut open) = self.orders.remove(&order).unwrap();
        self.release(&open, open.held.0);
        let OpenOrder { account, market, side, held: released, wait, .. } = open;
        self.emit(Event::Entered { order, account, market, side, released });
        (open.wait, open.held) = (Wait::Nothing, Amount(0));
        if wait == Wait::List {
            self.begin(open, 0);
        } else {
            self.enter(open, 0);
        }
    }

    /// Lets in the pending orders whose working order is filled, unless their market does not trade.
    pub(super) fn run_queue(&mut self) {
        while let Some(at) = self.queue.iter().position(|order| match self.orders.get(order) {
            Some((_, open)) => !self.auctions.contains(&open.market),
            None => true,
        }) {
            let order = self.queue.remove(at);
            if self.orders.contains_key(&order) {
                self.leave_wait(order);
            }
        }
    }
}
