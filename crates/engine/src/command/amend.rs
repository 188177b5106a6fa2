use model::{Amend, Amended, Amount, ClientOrderId, Event, ListKind, Price, Quantity, Reject, Wait};

use crate::filters;
use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// Reduces an order's quantity, and that of its partner in a pair, since only one of the two can trade.
    pub(crate) fn amend(&mut self, amend: &Amend, events: &mut Vec<Event>) -> Result<(), Reject> {
        let position = self.markets.position(amend.market).ok_or(Reject::UnknownMarket)?;
        let slot = self.find_order(amend.account, amend.market, &amend.target)?;
        let state = self.markets.get(position);
        filters::check_open(state)?;
        filters::check_lot(&state.market.filters.lot, amend.quantity.0)?;
        if !amend.client_id.is_empty() {
            let named = self.orders.find_client(&self.seats, amend.account, &amend.client_id);
            if named.is_some_and(|other| other != slot) {
                return Err(Reject::DuplicateClientId);
            }
        }
        let total = self.orders.detail(slot).quantity;
        let done = total - self.orders.get(slot).remaining();
        if amend.quantity.0 >= total || amend.quantity.0 <= done {
            return Err(Reject::CannotAmend);
        }
        if !amend.client_id.is_empty() {
            self.orders.rename(&self.seats, slot, amend.client_id);
        }
        let list = self.orders.get(slot).list;
        self.amend_alone(position, slot, amend.quantity.0, events);
        let is_pair = list != NONE && self.lists.get(list).kind != ListKind::Oto;
        if let Some(partner) = is_pair.then(|| self.lists.get(list).partner(slot)).flatten() {
            self.amend_alone(position, partner, amend.quantity.0, events);
        }
        self.settle_market(position, events);
        Ok(())
    }

    fn amend_alone(&mut self, position: usize, slot: u32, quantity: i64, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        let before = order.remaining();
        let cut = self.orders.detail(slot).quantity - quantity;
        let hidden = order.hidden.min(cut);
        let shown = cut - hidden;
        let released = if order.wait == Wait::Nothing {
            let released = self.held_for(position, order.side, order.price, cut);
            let book = &mut self.markets.get_mut(position).book;
            book.reduce(&mut self.orders, slot, order.side, shown, hidden);
            released
        } else {
            let extra = self.orders.extra_mut(slot);
            // What is held is a price times what is open, also where it is the difference of two.
            let released = extra.held / before * cut;
            extra.held -= released;
            self.reduce_waiting(position, slot, cut);
            released
        };
        self.hold_for_order(position, order.seat, order.side, -released);
        let time = self.time.0;
        let detail = self.orders.detail_mut(slot);
        (detail.quantity, detail.updated) = (quantity, time);
        let client_id: ClientOrderId = detail.client_id;
        let limit = if order.wait == Wait::Nothing { order.price } else { self.orders.extra(slot).limit };
        events.push(Event::Amended(Amended {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: self.markets.get(position).market.id,
            side: order.side,
            price: Price(limit),
            quantity: Quantity(quantity),
            remaining: Quantity(before - cut),
            visible: Quantity(if order.wait == Wait::Nothing { shown } else { 0 }),
            released: Amount(released),
            client_id,
        }));
    }

    /// Takes a part off an order outside of the book.
    fn reduce_waiting(&mut self, position: usize, slot: u32, cut: i64) {
        let order = *self.orders.get(slot);
        if order.wait == Wait::Stop {
            let side = crate::book::stop_side(order.order_type.trigger(order.side));
            self.markets.get_mut(position).stops.reduce(&mut self.orders, slot, side, cut, 0);
        } else {
            self.orders.get_mut(slot).shown -= cut;
        }
    }
}
