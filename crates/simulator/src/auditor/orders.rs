//! Orders that are placed.

use model::{CancelReplace, Event, ListId, OrderId, Place, ReplaceMode, Wait};

use super::rules::Role;
use super::state::{Order, Stand};
use super::{Auditor, amount};

impl Auditor {
    pub(super) fn place(&mut self, place: &Place) {
        if let Some(reason) = self.place_rules(place, Role::Alone, &[]).into_iter().min() {
            return self.refuse(place.account, reason);
        }
        let id = self.accept(place, ListId(0));
        self.begin(id);
        self.take_queue(place.market);
    }

    pub(super) fn cancel_replace(&mut self, replace: &CancelReplace) {
        let (account, market) = (replace.place.account, replace.place.market);
        if let Err(reason) = self.cancel(account, market, &replace.target, replace.cancel_id) {
            self.emit(Event::CancelRejected { account, reason });
            if replace.mode == ReplaceMode::StopOnFailure {
                return;
            }
        }
        self.place(&replace.place);
    }

    /// An order as it is before it has an id and a time.
    pub(super) fn new_order(&self, place: &Place) -> Order {
        let by_quote = place.order_type == model::OrderType::Market && place.quantity.0 == 0;
        let (maker_ppm, taker_ppm) = self.rates(place.account, place.market);
        Order {
            id: OrderId(0),
            account: place.account,
            market: place.market,
            side: place.side,
            order_type: place.order_type,
            time_in_force: place.time_in_force,
            self_trade: place.self_trade,
            price: place.price.0.into(),
            quantity: place.quantity.0.into(),
            remaining: place.quantity.0.into(),
            prevented: 0,
            waited: false,
            budget: by_quote.then(|| place.quote_quantity.0.into()),
            filled_quote: 0,
            stop_price: place.stop_price.0.into(),
            trailing_delta: place.trailing_delta,
            iceberg: place.iceberg.0.into(),
            expire_at: place.expire_at,
            list: ListId(0),
            client_id: place.client_id,
            maker_ppm,
            taker_ppm,
            placed: self.time,
            updated: self.time,
            stand: Stand::Coming,
            held_price: self.held_price(place).unwrap_or(0),
            held: 0,
            tracked: 0,
            shown: 0,
            arrival: 0,
        }
    }

    /// Takes an order in that breaks no rule.
    pub(super) fn accept(&mut self, place: &Place, list: ListId) -> OrderId {
        self.last_order += 1;
        let id = OrderId(self.last_order);
        self.orders.insert(id, Order { id, list, ..self.new_order(place) });
        self.emit(Event::Accepted(model::Accepted {
            order: id,
            account: place.account,
            market: place.market,
            side: place.side,
            order_type: place.order_type,
            time_in_force: place.time_in_force,
            self_trade: place.self_trade,
            price: place.price,
            quantity: place.quantity,
            quote_quantity: place.quote_quantity,
            stop_price: place.stop_price,
            trailing_delta: place.trailing_delta,
            iceberg: place.iceberg,
            expire_at: place.expire_at,
            list,
            client_id: place.client_id,
        }));
        id
    }

    /// What an accepted order does: it meets the book, or waits.
    pub(super) fn begin(&mut self, id: OrderId) {
        let order = *self.order(id);
        if order.order_type.is_contingent() {
            self.arm(id, if order.stop_price != 0 { Stand::Stop } else { Stand::Trailing });
        } else {
            self.come(id);
        }
    }

    pub(super) fn wait_for_list(&mut self, id: OrderId) {
        self.arm(id, Stand::Pending);
    }

    /// Lets an order wait.
    fn arm(&mut self, id: OrderId, stand: Stand) {
        let arrival = self.next_arrival();
        let order = self.order_mut(id);
        (order.stand, order.arrival) = (stand, arrival);
        let held = self.make_hold(id);
        let order = *self.order(id);
        let wait = match stand {
            Stand::Pending => Wait::List,
            Stand::Stop => Wait::Stop,
            _ => Wait::Trailing,
        };
        let (account, market, side) = (order.account, order.market, order.side);
        self.emit(Event::Armed { order: id, account, market, side, wait, held: amount(held) });
    }
}
