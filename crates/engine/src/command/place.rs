//! A new order: rules, acceptance, and its way into the book or to where it waits.

use model::{
    Accepted, Amount, CloseReason, Event, ListId, MarketState as State, OrderId, OrderType, Place, Price, Quantity,
    Reject, Side, TimeInForce, Timestamp, Wait,
};

use super::matching::{Incoming, Want};
use crate::book::stop_side;
use crate::filters;
use crate::orders::{Detail, Extra, Order};
use crate::seats::NONE;
use crate::{Book, Engine};

/// Orders of the same list that are placed with an order and before it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) open_orders: u32,
    pub(super) algo_orders: u32,
    pub(super) buys: i128,
}

impl<B: Book> Engine<B> {
    pub(crate) fn place(&mut self, place: &Place, events: &mut Vec<Event>) -> Result<(), Reject> {
        let position = self.markets.position(place.market).ok_or(Reject::UnknownMarket)?;
        let seat = self.seat(place.account, position)?;
        let state = self.markets.get(position);
        if !state.is_trading() {
            filters::check_state(state, place)?;
        }
        let cost = self.check_order(position, seat, place, Before::default(), false)?;
        if self.payable(seat, place.side) < cost {
            return Err(Reject::InsufficientBalance);
        }
        self.last_order = OrderId(self.last_order.0 + 1);
        let order = self.last_order;
        events.push(accepted(order, place, ListId(0)));
        if place.order_type.is_contingent() {
            let slot = self.insert_waiting(position, seat, order, place, NONE);
            self.arm(position, slot, cost, events);
        } else {
            self.take_in(position, seat, order, place, events);
        }
        self.settle_market(position, events);
        Ok(())
    }

    /// Rules 30 to 56 of an order. Gives what it may cost at most, or needs held while it waits. A pending order of a list is
    /// not asked what depends on the moment.
    pub(super) fn check_order(
        &mut self,
        position: usize,
        seat: u32,
        place: &Place,
        before: Before,
        pending: bool,
    ) -> Result<i64, Reject> {
        let mut cost = filters::check(self.markets.get(position), place, self.time)?;
        let is_market = place.order_type == OrderType::Market;
        if is_market && cost == 0 && !pending {
            let incoming = self.incoming(position, seat, OrderId(0), place);
            cost = self.market_cost(&incoming)?;
        }
        let contingent = place.order_type.is_contingent();
        let filters = &self.markets.get(position).market.filters;
        let open = self.seats.get(seat);
        let may_rest = !is_market && place.time_in_force.may_rest();
        if may_rest && open.open_orders.saturating_add(before.open_orders) >= filters.max_open_orders {
            return Err(Reject::MaxOpenOrders);
        }
        if !place.client_id.is_empty()
            && self.orders.find_client(&self.seats, self.seats.get(seat).account, &place.client_id).is_some()
        {
            return Err(Reject::DuplicateClientId);
        }
        let state = self.markets.get(position);
        let must_rest = place.order_type == OrderType::LimitMaker
            || (state.state == State::PostOnly && place.order_type == OrderType::Limit && may_rest);
        if must_rest && !pending && self.would_take(position, place.side, place.price.0) {
            return Err(Reject::WouldTake);
        }
        filters::check_parts(state, place)?;
        filters::check_percent(state, place.side, place.price.0)?;
        if contingent && open.algo_orders.saturating_add(before.algo_orders) >= state.market.filters.max_algo_orders {
            return Err(Reject::MaxAlgoOrders);
        }
        let adds = place.side == Side::Buy && place.quantity.0 > 0;
        if adds && state.market.filters.max_position.0 > 0 {
            self.check_position(position, seat, before.buys + i128::from(place.quantity.0))?;
        }
        if contingent && !pending {
            filters::check_stop(state, place)?;
        }
        Ok(cost)
    }

    /// MAX_POSITION, for an account that is about to buy so much more.
    pub(super) fn check_position(&self, position: usize, seat: u32, more: i128) -> Result<(), Reject> {
        let state = self.markets.get(position);
        let found = self.seats.get(seat);
        let mut buys = more;
        let mut slot = found.first;
        while slot != NONE {
            let order = self.orders.get(slot);
            if order.side == Side::Buy {
                buys += i128::from(order.remaining());
            }
            slot = order.own_next;
        }
        let after = self.ledger.total(found.base) + buys * i128::from(state.base_unit);
        let most = i128::from(state.market.filters.max_position.0);
        if after > most { Err(Reject::MaxPosition) } else { Ok(()) }
    }

    /// An order as it meets the book.
    #[inline]
    pub(super) fn incoming(&mut self, position: usize, seat: u32, order: OrderId, place: &Place) -> Incoming {
        let want =
            if place.quote_quantity.0 > 0 { Want::Quote(place.quote_quantity.0) } else { Want::Base(place.quantity.0) };
        Incoming {
            order,
            position,
            seat,
            account: place.account,
            side: place.side,
            limit: place.order_type.has_limit().then_some(place.price.0),
            self_trade: place.self_trade,
            taker_ppm: self.seats.get(seat).fees.taker_ppm,
            want,
            limited: false,
            may_rest: place.order_type != OrderType::Market && place.time_in_force.may_rest(),
            filled_quote: 0,
            executed: 0,
            prevented: 0,
            first_price: 0,
            last_price: 0,
        }
    }

    /// Matches an order that was accepted, and lets what is left rest or end. It is not in the pool yet.
    fn take_in(&mut self, position: usize, seat: u32, order: OrderId, place: &Place, events: &mut Vec<Event>) {
        let mut incoming = self.incoming(position, seat, order, place);
        let stopped = self.meet(&mut incoming, place.time_in_force, events);
        match incoming.want {
            Want::Base(0) if stopped.is_none() => {}
            Want::Base(left) if stopped.is_none() && incoming.may_rest => self.rest(&incoming, place, left, events),
            _ => self.expire_rest(&incoming, stopped, events),
        }
        self.look_at_prices(position, &incoming, events);
    }

    /// Matches as far as market state and time in force allow. Gives the reason when what is left must not rest.
    pub(super) fn meet(
        &mut self,
        incoming: &mut Incoming,
        time_in_force: TimeInForce,
        events: &mut Vec<Event>,
    ) -> Option<CloseReason> {
        if !self.markets.get(incoming.position).is_trading() {
            return (!incoming.may_rest).then_some(CloseReason::Expired);
        }
        if time_in_force == TimeInForce::Fok && !self.can_fill(incoming) {
            return Some(CloseReason::Expired);
        }
        self.match_incoming(incoming, events)
    }

    /// Puts what is left of a new order into the pool and the book.
    fn rest(&mut self, incoming: &Incoming, place: &Place, left: i64, events: &mut Vec<Event>) {
        let is_special = place.iceberg.0 > 0 || place.expire_at != Timestamp::NEVER || incoming.prevented > 0;
        let extra = is_special.then(|| Extra { prevented: incoming.prevented, ..self.extra_of(place) });
        let mut node = self.node_of(incoming.seat, incoming.order, place, NONE);
        (node.price, node.shown) = (place.price.0, left);
        let detail = Detail { filled_quote: incoming.filled_quote, ..self.detail_of(incoming.seat, place) };
        let slot = self.orders.insert(&mut self.seats, node, detail, extra);
        self.expect_at(place.expire_at);
        self.enter_book(incoming.position, slot, events);
    }

    fn node_of(&self, seat: u32, id: OrderId, place: &Place, list: u32) -> Order {
        Order {
            id,
            price: 0,
            shown: place.quantity.0,
            hidden: 0,
            seat,
            next: NONE,
            prev: NONE,
            own_next: NONE,
            own_prev: NONE,
            maker_ppm: self.seats.get(seat).fees.maker_ppm,
            list,
            side: place.side,
            order_type: place.order_type,
            wait: Wait::Nothing,
            has_client_id: !place.client_id.is_empty(),
        }
    }

    fn detail_of(&self, seat: u32, place: &Place) -> Detail {
        Detail {
            quantity: place.quantity.0,
            filled_quote: 0,
            placed: self.time.0,
            updated: self.time.0,
            taker_ppm: self.seats.get(seat).fees.taker_ppm,
            extra: NONE,
            self_trade: place.self_trade,
            time_in_force: place.time_in_force,
            client_id: place.client_id,
        }
    }

    fn extra_of(&self, place: &Place) -> Extra {
        Extra {
            stop_price: place.stop_price.0,
            limit: place.price.0,
            iceberg: place.iceberg.0,
            expire_at: place.expire_at.0,
            trailing_delta: place.trailing_delta,
            ..Extra::PLAIN
        }
    }

    /// Takes an order into the pool that does not meet the book at once; the caller says what it waits for.
    pub(super) fn insert_waiting(&mut self, position: usize, seat: u32, id: OrderId, place: &Place, list: u32) -> u32 {
        debug_assert_eq!(self.markets.get(position).market.id, place.market);
        let (node, detail) = (self.node_of(seat, id, place, list), self.detail_of(seat, place));
        let extra = self.extra_of(place);
        self.expect_at(place.expire_at);
        self.orders.insert(&mut self.seats, node, detail, Some(extra))
    }

    /// Lets a contingent order wait for its trigger, and holds so much for it.
    pub(super) fn arm(&mut self, position: usize, slot: u32, held: i64, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        self.hold_for_order(position, order.seat, order.side, held);
        let last_price = self.markets.get(position).last_price.0;
        let extra = self.orders.extra_mut(slot);
        extra.held = held;
        let stop_price = extra.stop_price;
        extra.priced_at = match (order.order_type.has_limit(), stop_price) {
            (true, _) => extra.limit,
            (false, 0) => last_price,
            (false, _) => stop_price,
        };
        let wait = if stop_price > 0 { Wait::Stop } else { Wait::Trailing };
        let node = self.orders.get_mut(slot);
        (node.wait, node.price) = (wait, stop_price);
        let state = self.markets.get_mut(position);
        state.watching += 1;
        if wait == Wait::Stop {
            state.stops.push(&mut self.orders, slot, stop_side(order.order_type.trigger(order.side)));
        } else {
            state.trailing.fresh.push(slot);
        }
        events.push(Event::Armed {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: state.market.id,
            side: order.side,
            wait,
            held: Amount(held),
        });
    }

    /// Links an order of the pool into the book, an iceberg with its first part shown, and holds what it needs.
    pub(super) fn enter_book(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        let iceberg = self.orders.extra(slot).iceberg;
        let order = self.orders.get_mut(slot);
        let remaining = order.remaining();
        order.shown = if iceberg > 0 { iceberg.min(remaining) } else { remaining };
        order.hidden = remaining - order.shown;
        order.wait = Wait::Nothing;
        let order = *order;
        let held = self.held_for(position, order.side, order.price, remaining);
        self.hold_for_order(position, order.seat, order.side, held);
        let state = self.markets.get_mut(position);
        state.book.push(&mut self.orders, slot, order.side);
        events.push(Event::Rested {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: state.market.id,
            side: order.side,
            price: Price(order.price),
            remaining: Quantity(remaining),
            visible: Quantity(order.shown),
            held: Amount(held),
        });
    }
}

/// The event that an order was taken in.
pub(super) fn accepted(order: OrderId, place: &Place, list: ListId) -> Event {
    Event::Accepted(Accepted {
        order,
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
    })
}
