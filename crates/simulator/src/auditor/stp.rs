//! Self-trade prevention: orders of one trade group that meet.

use model::{AccountId, ClientOrderId, CloseReason, Event, Prevented, PreventedId, SelfTrade};

use super::state::Order;
use super::{Auditor, amount, price, quantity};

/// What a prevented match takes off the two orders, and off what the book shows.
#[derive(Debug, Clone, Copy)]
struct Loss {
    maker: i128,
    taker: i128,
    visible: i128,
    released: i128,
}

impl Auditor {
    /// A master account with all its sub-accounts is one group.
    pub(super) fn same_group(&self, one: AccountId, other: AccountId) -> bool {
        let master = |id| match self.accounts.get(&id) {
            Some(account) if account.parent != AccountId(0) => account.parent,
            _ => id,
        };
        master(one) == master(other)
    }

    pub(super) fn prevents(&self, taker: &Order, maker: &Order) -> bool {
        taker.self_trade != SelfTrade::None && self.same_group(taker.account, maker.account)
    }

    /// Keeps two orders from trading `wanted`.
    pub(super) fn prevent(&mut self, taker: &Order, maker: &Order, wanted: i128) {
        let by_quote = taker.budget.is_some();
        let taker_left = if by_quote { 0 } else { taker.remaining };
        let all = Loss { maker: maker.remaining, taker: taker_left, visible: 0, released: 0 };
        let end = |id| (id, CloseReason::SelfTrade, ClientOrderId::EMPTY);
        match taker.self_trade {
            SelfTrade::None => {}
            SelfTrade::ExpireTaker => {
                self.emit_prevented(taker, maker, Loss { maker: 0, ..all });
                self.close_with(end(taker.id));
            }
            SelfTrade::ExpireMaker => {
                self.emit_prevented(taker, maker, Loss { taker: 0, ..all });
                self.close_with(end(maker.id));
            }
            SelfTrade::ExpireBoth => {
                self.emit_prevented(taker, maker, all);
                self.close_with(end(maker.id));
                self.close_with(end(taker.id));
            }
            SelfTrade::Decrement => self.decrement(taker, maker, wanted),
        }
    }

    fn close_with(&mut self, (id, reason, request): (model::OrderId, CloseReason, ClientOrderId)) {
        self.close(id, reason, request);
    }

    /// Both lose what would have traded.
    fn decrement(&mut self, taker: &Order, maker: &Order, wanted: i128) {
        let (time, unit_price) = (self.time, self.venue(maker.market).quote(maker.price, 1));
        let order = self.order_mut(maker.id);
        order.remaining -= wanted;
        order.shown -= wanted;
        order.prevented += wanted;
        order.updated = time;
        let released = self.pay_from_hold(maker.id, wanted);
        let own = self.order_mut(taker.id);
        let taken = match &mut own.budget {
            Some(budget) => {
                *budget -= wanted * unit_price;
                0
            }
            None => {
                own.remaining -= wanted;
                own.prevented += wanted;
                wanted
            }
        };
        self.emit_prevented(taker, maker, Loss { maker: wanted, taker: taken, visible: wanted, released });
        // What it lost, its partner would trade in its place.
        self.end_partner(maker.id);
        let left = *self.order(maker.id);
        if left.remaining == 0 {
            self.close(maker.id, CloseReason::SelfTrade, ClientOrderId::EMPTY);
        } else if left.shown == 0 {
            self.refill(maker.id);
        }
        let own = self.order(taker.id);
        if own.budget.is_none() && own.remaining == 0 {
            self.close(taker.id, CloseReason::SelfTrade, ClientOrderId::EMPTY);
        }
    }

    fn emit_prevented(&mut self, taker: &Order, maker: &Order, loss: Loss) {
        // Told of a decrement only.
        let left = if taker.self_trade == SelfTrade::Decrement { maker.remaining - loss.maker } else { 0 };
        let venue = self.venue_mut(maker.market);
        venue.last_prevented += 1;
        let prevented = PreventedId(venue.last_prevented);
        self.emit(Event::Prevented(Prevented {
            prevented,
            market: maker.market,
            taker_side: taker.side,
            mode: taker.self_trade,
            price: price(maker.price),
            maker_order: maker.id,
            taker_order: taker.id,
            maker_account: maker.account,
            taker_account: taker.account,
            maker_quantity: quantity(loss.maker),
            taker_quantity: quantity(loss.taker),
            maker_visible: quantity(loss.visible),
            released: amount(loss.released),
            maker_remaining: quantity(left),
        }));
    }
}
