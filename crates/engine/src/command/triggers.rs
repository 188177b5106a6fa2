//! What trades set off: stop prices that are reached, trailing orders that turn, and the queue of orders that enter.

use model::{Amount, ClientOrderId, CloseReason, Event, OrderType, Price, Side, Trigger, Wait};

use super::matching::{Incoming, Want};
use crate::book::stop_side;
use crate::faults::Fault;
use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// The end of every command that may have traded: what was set off enters, and the ledger is checked.
    #[inline]
    pub(crate) fn settle_market(&mut self, position: usize, events: &mut Vec<Event>) {
        let late = self.has_fault(Fault::StopsEnterLate)
            && events.iter().any(|event| matches!(event, Event::Triggered { .. }));
        if !self.markets.get(position).queue.is_empty() && !late {
            self.run_queue(position, events);
        }
        if !self.markets.get(position).is_trading() {
            self.mark_indication(position);
        }
        self.assert_market_balanced(position);
    }

    /// Lets the queued orders enter, in turn, while the market trades. What they set off joins the end.
    #[cold]
    pub(super) fn run_queue(&mut self, position: usize, events: &mut Vec<Event>) {
        while self.markets.get(position).is_trading() {
            let Some(slot) = self.markets.get_mut(position).queue.pop_front() else { return };
            if self.orders.extra(slot).pending {
                self.enter_pending(position, slot, events);
            } else {
                self.enter_triggered(position, slot, events);
            }
        }
    }

    /// Looks at the prices of an incoming order's first and last trade; those between lie between them.
    #[inline]
    pub(super) fn look_at_prices(&mut self, position: usize, incoming: &Incoming, events: &mut Vec<Event>) {
        if incoming.first_price == 0 || self.markets.get(position).watching == 0 {
            return;
        }
        if !self.has_fault(Fault::FirstPriceMissed) {
            self.look_at_price(position, incoming.first_price, events);
        }
        if incoming.last_price != incoming.first_price {
            self.look_at_price(position, incoming.last_price, events);
        }
    }

    #[cold]
    pub(super) fn look_at_price(&mut self, position: usize, price: i64, events: &mut Vec<Event>) {
        self.markets.get_mut(position).trailing.follow(&mut self.orders, price);
        for trigger in [Trigger::Rising, Trigger::Falling] {
            while let Some(slot) = self.reached(position, trigger, price) {
                self.detach(position, slot);
                if self.orders.extra(slot).trailing_delta > 0 {
                    self.begin_to_follow(position, slot, price, events);
                } else {
                    self.trigger(position, slot, events);
                }
            }
        }
        self.turn_trailing(position, price, events);
        let mut fresh = std::mem::take(&mut self.markets.get_mut(position).trailing.fresh);
        fresh.sort_unstable_by_key(|&slot| self.orders.get(slot).id);
        for slot in fresh.drain(..) {
            self.markets.get_mut(position).watching -= 1;
            self.begin_to_follow(position, slot, price, events);
        }
        self.markets.get_mut(position).trailing.fresh = fresh;
    }

    /// The next order whose stop price is reached.
    fn reached(&self, position: usize, trigger: Trigger, price: i64) -> Option<u32> {
        let slot = self.markets.get(position).stops.best(&self.orders, stop_side(trigger))?;
        trigger.is_reached(self.orders.get(slot).price, price).then_some(slot)
    }

    fn begin_to_follow(&mut self, position: usize, slot: u32, price: i64, events: &mut Vec<Event>) {
        self.orders.get_mut(slot).wait = Wait::Trailing;
        let state = self.markets.get_mut(position);
        state.watching += 1;
        state.trailing.begin(&mut self.orders, slot, price);
        let order = self.orders.get(slot);
        events.push(Event::Tracking {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: state.market.id,
            price: Price(price),
        });
    }

    /// Triggers the trailing orders that the price turns, by order id.
    fn turn_trailing(&mut self, position: usize, price: i64, events: &mut Vec<Event>) {
        let mut turned = std::mem::take(&mut self.turned);
        self.markets.get(position).trailing.turned(&self.orders, price, &mut turned);
        turned.sort_unstable();
        for (id, slot) in turned.drain(..) {
            // The other order of its pair may have been triggered just before, and have ended it.
            let order = self.orders.get(slot);
            if order.id.0 == id && order.wait == Wait::Trailing && self.orders.find(order.id) == Some(slot) {
                self.detach(position, slot);
                self.trigger(position, slot, events);
            }
        }
        self.turned = turned;
    }

    /// An order's trigger is reached: its partner ends, all that it needs is held, and it joins the queue.
    fn trigger(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        self.orders.get_mut(slot).wait = Wait::Market;
        if order.list != NONE {
            self.list_executed(order.list, slot, events);
        }
        let needed = self.held_for(position, order.side, self.orders.extra(slot).priced_at, order.remaining());
        let held = needed - self.orders.extra(slot).held;
        self.hold_for_order(position, order.seat, order.side, held);
        self.orders.extra_mut(slot).held = needed;
        let state = self.markets.get_mut(position);
        state.queue.push_back(slot);
        events.push(Event::Triggered {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: state.market.id,
            side: order.side,
            held: Amount(held),
        });
    }

    /// A triggered order meets the book.
    fn enter_triggered(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        let released = std::mem::take(&mut self.orders.extra_mut(slot).held);
        self.hold_for_order(position, order.seat, order.side, -released);
        self.tell_entered(position, slot, released, events);
        self.take_in_again(position, slot, !order.order_type.has_limit(), events);
    }

    pub(super) fn tell_entered(&mut self, position: usize, slot: u32, released: i64, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        self.orders.extra_mut(slot).pending = false;
        events.push(Event::Entered {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: self.markets.get(position).market.id,
            side: order.side,
            released: Amount(released),
        });
    }

    /// Matches an order of the pool that stands nowhere, and lets what is left rest or end. `limited`: it takes what its
    /// account can pay.
    pub(super) fn take_in_again(&mut self, position: usize, slot: u32, limited: bool, events: &mut Vec<Event>) {
        let (order, detail, extra) = (*self.orders.get(slot), *self.orders.detail(slot), *self.orders.extra(slot));
        let has_limit = order.order_type.has_limit();
        let mut incoming = Incoming {
            order: order.id,
            position,
            seat: order.seat,
            account: self.seats.get(order.seat).account,
            side: order.side,
            limit: has_limit.then_some(extra.limit),
            self_trade: detail.self_trade,
            taker_ppm: detail.taker_ppm,
            want: Want::Base(order.remaining()),
            limited,
            may_rest: has_limit && detail.time_in_force.may_rest(),
            filled_quote: 0,
            executed: 0,
            prevented: 0,
            first_price: 0,
            last_price: 0,
        };
        let stopped = self.meet(&mut incoming, detail.time_in_force, events);
        self.finish_again(slot, &incoming, stopped, events);
        self.look_at_prices(position, &incoming, events);
    }

    /// What becomes of an order of the pool after it matched.
    pub(super) fn finish_again(
        &mut self,
        slot: u32,
        incoming: &Incoming,
        stopped: Option<CloseReason>,
        events: &mut Vec<Event>,
    ) {
        let (list, left) = (self.orders.get(slot).list, incoming.base_left());
        if left == 0 && stopped.is_none() {
            if list == NONE {
                self.forget(slot);
            } else {
                self.list_filled(incoming.position, slot, events);
            }
            return;
        }
        if stopped.is_some() || !incoming.may_rest {
            self.forget(slot);
            self.expire_rest(incoming, stopped, events);
            if list != NONE {
                let reason = stopped.unwrap_or(CloseReason::Expired);
                self.end_list(incoming.position, list, reason, ClientOrderId::EMPTY, events);
            }
            return;
        }
        if incoming.prevented > 0 {
            self.orders.extra_mut(slot).prevented += incoming.prevented;
        }
        let time = self.time.0;
        let detail = self.orders.detail_mut(slot);
        detail.filled_quote = detail.filled_quote.saturating_add(incoming.filled_quote);
        detail.updated = time;
        let node = self.orders.get_mut(slot);
        (node.price, node.shown, node.hidden) = (incoming.limit.unwrap_or(0), left, 0);
        self.enter_book(incoming.position, slot, events);
    }

    /// Orders whose working order is filled go on as if they were placed now; all of them end when that is not possible.
    fn enter_pending(&mut self, position: usize, first: u32, events: &mut Vec<Event>) {
        let list = self.orders.get(first).list;
        let legs: [u32; 2] = [first, self.lists.get(list).partner(first).unwrap_or(NONE)];
        let slots = || legs.into_iter().filter(|&slot| slot != NONE);
        let mut needs = [0; 2];
        let mut possible = true;
        for (need, slot) in needs.iter_mut().zip(slots()) {
            let found = self.pending_need(position, slot);
            possible &= found.is_some();
            *need = found.unwrap_or(0);
        }
        let order = *self.orders.get(first);
        if !possible || self.payable(order.seat, order.side) < needs[0].max(needs[1]) {
            let reason = CloseReason::Refused;
            for slot in slots() {
                self.refuse_pending(position, slot, reason, events);
            }
            self.end_list(position, list, reason, ClientOrderId::EMPTY, events);
            return;
        }
        for slot in slots() {
            self.tell_entered(position, slot, 0, events);
        }
        if legs[1] == NONE {
            self.take_in_pending(position, first, needs[0], events);
        } else {
            self.take_in_pair(position, legs, [needs[0], needs[1], 0], events);
        }
    }

    /// What a pending order needs to be taken now; `None` when it would trade or trigger at once where it must not.
    fn pending_need(&self, position: usize, slot: u32) -> Option<i64> {
        let (order, extra) = (self.orders.get(slot), self.orders.extra(slot));
        let state = self.markets.get(position);
        if order.order_type == OrderType::LimitMaker && self.would_take(position, order.side, extra.limit) {
            return None;
        }
        let waits = order.order_type.is_contingent() && extra.trailing_delta == 0 && state.last_price.0 > 0;
        let trigger = order.order_type.trigger(order.side);
        if waits && trigger.is_reached(extra.stop_price, state.last_price.0) {
            return None;
        }
        let price = match order.order_type {
            OrderType::Market => return Some(0),
            OrderType::StopLoss | OrderType::TakeProfit if extra.stop_price == 0 => state.last_price.0,
            OrderType::StopLoss | OrderType::TakeProfit => extra.stop_price,
            _ => extra.limit,
        };
        match order.side {
            Side::Buy => state.quote_amount(price, order.remaining()),
            Side::Sell => state.base_amount(order.remaining()),
        }
    }

    pub(super) fn take_in_pending(&mut self, position: usize, slot: u32, need: i64, events: &mut Vec<Event>) {
        let order_type = self.orders.get(slot).order_type;
        if order_type.is_contingent() {
            self.arm(position, slot, need, events);
        } else {
            self.take_in_again(position, slot, order_type == OrderType::Market, events);
        }
    }

    fn refuse_pending(&mut self, position: usize, slot: u32, reason: CloseReason, events: &mut Vec<Event>) {
        // It waits in the queue no more; nothing was held for it.
        self.orders.get_mut(slot).wait = Wait::List;
        self.close_alone(position, slot, reason, ClientOrderId::EMPTY, events);
    }
}
