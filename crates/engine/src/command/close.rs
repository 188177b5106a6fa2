//! How an open order ends other than by being filled, and what that does to the list that it belongs to.

use model::{Amount, ClientOrderId, CloseReason, Closed, Event, ListKind, Price, Quantity, Side, Wait};

use crate::book::stop_side;
use crate::faults::Fault;
use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// What an open order of this side, price and quantity needs held.
    #[inline]
    pub(super) fn held_for(&self, position: usize, side: Side, price: i64, remaining: i64) -> i64 {
        let state = self.markets.get(position);
        match side {
            Side::Buy => state.quote_amount(price, remaining),
            Side::Sell => state.base_amount(remaining),
        }
        .expect("an accepted order's amounts fit, and parts of it fit too")
    }

    /// Moves between available and held what an open order needs, and counts the need.
    #[inline]
    pub(super) fn hold_for_order(&mut self, position: usize, seat: u32, side: Side, delta: i64) {
        let market = &self.markets.get(position).market;
        let seat = self.seats.get(seat);
        let (slot, asset) = if side == Side::Buy { (seat.quote, market.quote) } else { (seat.base, market.base) };
        self.ledger.hold(slot, asset, delta);
        self.ledger.need(asset, delta);
    }

    /// What is held for an open order.
    pub(crate) fn held_of(&self, position: usize, slot: u32) -> i64 {
        let order = self.orders.get(slot);
        match order.wait {
            Wait::Nothing => self.held_for(position, order.side, order.price, order.remaining()),
            _ => self.orders.extra(slot).held,
        }
    }

    /// The check after every command that touched a market.
    #[inline]
    pub(crate) fn assert_market_balanced(&self, position: usize) {
        let market = &self.markets.get(position).market;
        self.ledger.assert_balanced(market.base);
        self.ledger.assert_balanced(market.quote);
    }

    /// Ends an open order, and the list that it belongs to.
    pub(crate) fn close(
        &mut self,
        position: usize,
        slot: u32,
        reason: CloseReason,
        request_id: ClientOrderId,
        events: &mut Vec<Event>,
    ) {
        let list = self.orders.get(slot).list;
        self.close_alone(position, slot, reason, request_id, events);
        if list != NONE {
            self.end_list(position, list, reason, request_id, events);
        }
    }

    /// Ends the open orders of a list, in its order, because one of them has ended for a reason.
    pub(super) fn end_list(
        &mut self,
        position: usize,
        list: u32,
        reason: CloseReason,
        request_id: ClientOrderId,
        events: &mut Vec<Event>,
    ) {
        use CloseReason::{Cancelled, Countdown, ListDone, MarketCancelled};
        let asked_for = matches!(reason, Cancelled | Countdown | MarketCancelled);
        let (reason, request_id) = if asked_for { (reason, request_id) } else { (ListDone, ClientOrderId::EMPTY) };
        for leg in self.lists.get(list).open() {
            self.close_alone(position, leg, reason, request_id, events);
        }
        self.finish_list(list, events);
    }

    /// Takes an open order out of wherever it stands, gives back what was held for it, and tells its list.
    pub(super) fn close_alone(
        &mut self,
        position: usize,
        slot: u32,
        reason: CloseReason,
        request_id: ClientOrderId,
        events: &mut Vec<Event>,
    ) {
        let order = *self.orders.get(slot);
        let released = self.held_of(position, slot);
        let limit = if order.wait == Wait::Nothing { order.price } else { self.orders.extra(slot).limit };
        self.hold_for_order(position, order.seat, order.side, -released);
        self.detach(position, slot);
        self.forget(slot);
        events.push(Event::Closed(Closed {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: self.markets.get(position).market.id,
            side: order.side,
            reason,
            price: Price(limit),
            remaining: Quantity(order.remaining()),
            visible: Quantity(if order.wait == Wait::Nothing { order.shown } else { 0 }),
            released: Amount(released),
            request_id,
        }));
    }

    /// Unlinks an open order from the book, or from where it waits.
    pub(super) fn detach(&mut self, position: usize, slot: u32) {
        let order = *self.orders.get(slot);
        let state = self.markets.get_mut(position);
        match order.wait {
            Wait::Nothing => state.book.remove(&mut self.orders, slot, order.side),
            Wait::Stop => {
                state.watching -= 1;
                state.stops.remove(&mut self.orders, slot, stop_side(order.order_type.trigger(order.side)));
            }
            Wait::Trailing => {
                state.watching -= 1;
                state.trailing.remove(&mut self.orders, slot);
            }
            Wait::Market => state.queue.retain(|&other| other != slot),
            Wait::List => {}
        }
    }

    /// Gives an order up that stands nowhere any more; its list knows that it is gone.
    pub(super) fn forget(&mut self, slot: u32) {
        let list = self.orders.get(slot).list;
        if list != NONE {
            let legs = &mut self.lists.get_mut(list).legs;
            legs.iter_mut().filter(|leg| **leg == slot).for_each(|leg| *leg = NONE);
        }
        self.orders.remove(&mut self.seats, slot);
    }

    /// Ends a list when none of its orders is open any more.
    fn finish_list(&mut self, list: u32, events: &mut Vec<Event>) {
        let found = *self.lists.get(list);
        if found.open().next().is_none() {
            self.lists.remove(list);
            events.push(Event::ListDone { list: found.id, account: found.account, market: found.market });
        }
    }

    /// An order of a list has traded or is triggered: the other one of its pair ends.
    #[cold]
    pub(super) fn list_executed(&mut self, list: u32, slot: u32, events: &mut Vec<Event>) {
        if self.has_fault(Fault::PartnerSurvives) {
            return;
        }
        if let Some(partner) = self.lists.get(list).partner(slot) {
            let market = self.lists.get(list).market;
            let position = self.markets.position(market).expect("the market of an open list exists");
            self.close_alone(position, partner, CloseReason::ListDone, ClientOrderId::EMPTY, events);
        }
    }

    /// An order of a list that has left the book is filled: it is gone, and what waited for it enters next.
    #[cold]
    pub(super) fn list_filled(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        let list = self.orders.get(slot).list;
        let found = *self.lists.get(list);
        self.forget(slot);
        if found.is_working(slot) {
            for pending in found.open().filter(|&leg| leg != slot) {
                self.orders.get_mut(pending).wait = Wait::Market;
            }
            let first = if found.kind == ListKind::Oco { NONE } else { found.legs[1] };
            if first != NONE {
                self.markets.get_mut(position).queue.push_back(first);
            }
        }
        self.finish_list(list, events);
    }
}
