//! Matching: an incoming order against the other side of the book.

use std::ops::ControlFlow;

use model::{
    AccountId, Amount, ClientOrderId, CloseReason, Closed, Event, MarketState as State, OrderId, Prevented,
    PreventedId, Price, Quantity, Reject, SelfTrade, Side, StateCause, Timestamp, Volatility,
};

use crate::faults::Fault;
use crate::markets::MarketState;
use crate::{Book, Engine};

/// What an incoming order still wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// This much base, in quantity units.
    Base(i64),
    /// As much base as this much quote pays for, in quote ledger units.
    Quote(i64),
}

/// An order that is meeting the book. What it pays is still available to its account.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) order: OrderId,
    pub(super) position: usize,
    pub(super) seat: u32,
    pub(super) account: AccountId,
    pub(super) side: Side,
    /// Worst price; none for a market order.
    pub(super) limit: Option<i64>,
    pub(super) self_trade: SelfTrade,
    pub(super) taker_ppm: i32,
    pub(super) want: Want,
    /// Whether it was not checked to be paid for: then it takes what its account can pay.
    pub(super) limited: bool,
    /// Whether what is left may rest.
    pub(super) may_rest: bool,
    pub(super) filled_quote: i64,
    pub(super) executed: i64,
    pub(super) prevented: i64,
    /// Prices of its first and last trade; zero before.
    pub(super) first_price: i64,
    pub(super) last_price: i64,
}

impl Incoming {
    /// Quantity that is still wanted; zero for an order by quote amount.
    pub(super) fn base_left(&self) -> i64 {
        match self.want {
            Want::Base(quantity) => quantity,
            Want::Quote(_) => 0,
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.want, Want::Base(0) | Want::Quote(0))
    }

    #[inline]
    fn accepts(&self, price: i64) -> bool {
        match (self.limit, self.side) {
            (None, _) => true,
            (Some(limit), Side::Buy) => price <= limit,
            (Some(limit), Side::Sell) => price >= limit,
        }
    }
}

/// How much of `offered` at `price` is wanted, in whole lots.
#[inline]
fn wanted<B>(state: &MarketState<B>, want: Want, price: i64, offered: i64) -> i64 {
    match want {
        Want::Base(quantity) => quantity.min(offered),
        Want::Quote(budget) => {
            // A maker's notional fits, so this product of its price does too.
            whole_lots(state, budget / price.saturating_mul(state.quote_unit)).min(offered)
        }
    }
}

fn whole_lots<B>(state: &MarketState<B>, quantity: i64) -> i64 {
    quantity - quantity % state.market.filters.lot.step
}

/// Lowest and highest price at which a volatile market goes on trading.
fn band(volatility: &Volatility, reference: Price) -> (i64, i64) {
    let (reference, most) = (i128::from(reference.0), i128::from(volatility.move_ppm));
    if !volatility.is_on() || reference == 0 {
        return (0, i64::MAX);
    }
    let low = (reference * (1_000_000 - most) + 999_999) / 1_000_000;
    let high = reference * (1_000_000 + most) / 1_000_000;
    (i64::try_from(low).unwrap_or(0), i64::try_from(high).unwrap_or(i64::MAX))
}

impl<B: Book> Engine<B> {
    /// Whether an order of this side and limit would trade at once.
    pub(super) fn would_take(&self, position: usize, side: Side, limit: i64) -> bool {
        let best = self.markets.get(position).book.best(&self.orders, side.opposite());
        best.is_some_and(|slot| {
            let price = self.orders.get(slot).price;
            if side == Side::Buy { price <= limit } else { price >= limit }
        })
    }

    /// What the account has available of the asset that an order of this side pays.
    #[inline]
    pub(super) fn payable(&self, seat: u32, side: Side) -> i64 {
        let seat = self.seats.get(seat);
        self.ledger.available(if side == Side::Buy { seat.quote } else { seat.base })
    }

    /// Whether both seats belong to one trade group.
    #[inline]
    fn is_own(&self, seat: u32, other: u32) -> bool {
        self.seats.get(seat).group == self.seats.get(other).group
    }

    /// What a market order that the book must price takes at most: quote for a buy, base for a sell.
    pub(super) fn market_cost(&mut self, incoming: &Incoming) -> Result<i64, Reject> {
        let mut parts = std::mem::take(&mut self.parts);
        let state = self.markets.get(incoming.position);
        let mut want = incoming.want;
        let mut cost: i128 = 0;
        self.walk(incoming, &mut parts, &mut |price, offered, is_own| {
            let quantity = wanted(state, want, price, offered);
            if quantity == 0 {
                return ControlFlow::Break(());
            }
            let quote = i128::from(price) * i128::from(quantity) * i128::from(state.quote_unit);
            let base = i128::from(quantity) * i128::from(state.base_unit);
            if !is_own {
                cost += if incoming.side == Side::Buy { quote } else { base };
            }
            want = match want {
                Want::Base(left) => Want::Base(left - quantity),
                // `wanted` took no more than the budget pays for.
                Want::Quote(left) => Want::Quote(left - i64::try_from(quote).unwrap_or(left)),
            };
            ControlFlow::Continue(())
        });
        self.parts = parts;
        i64::try_from(cost).map_err(|_| Reject::AmountOverflow)
    }

    /// Whether the book fills all that is wanted within the limit.
    pub(super) fn can_fill(&mut self, incoming: &Incoming) -> bool {
        let mut parts = std::mem::take(&mut self.parts);
        let mut left = incoming.base_left();
        let (low, high) = self.band_now(incoming.position);
        self.walk(incoming, &mut parts, &mut |price, offered, is_own| {
            if is_own || !incoming.accepts(price) || price < low || price > high {
                return ControlFlow::Break(());
            }
            left -= left.min(offered);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.parts = parts;
        left == 0
    }

    /// The offers that the order would meet, as price, quantity, and whether it is its own (which only DECREMENT visits):
    /// by level, or part by part where self-trade prevention looks at owners. `parts` is room to work in.
    fn walk(
        &self,
        incoming: &Incoming,
        parts: &mut Vec<(u32, i64)>,
        visit: &mut dyn FnMut(i64, i64, bool) -> ControlFlow<()>,
    ) {
        let book = &self.markets.get(incoming.position).book;
        let side = incoming.side.opposite();
        if incoming.self_trade == SelfTrade::None {
            return book.walk_levels(&self.orders, side, &mut |price, quantity| visit(price, quantity, false));
        }
        // What is hidden at the level that is being visited: its next parts stand behind all that is shown there.
        parts.clear();
        let mut level = 0;
        let mut ended = false;
        book.walk_orders(&self.orders, side, &mut |slot| {
            let order = self.orders.get(slot);
            if order.price != level {
                if self.walk_hidden(incoming, parts, level, visit).is_break() {
                    ended = true;
                    return ControlFlow::Break(());
                }
                level = order.price;
            }
            let is_own = self.is_own(order.seat, incoming.seat);
            match (is_own, incoming.self_trade) {
                (true, SelfTrade::ExpireMaker) => return ControlFlow::Continue(()),
                (true, SelfTrade::ExpireTaker | SelfTrade::ExpireBoth) => {
                    ended = true;
                    return ControlFlow::Break(());
                }
                _ => {}
            }
            if order.hidden > 0 {
                parts.push((slot, order.hidden));
            }
            let flow = visit(order.price, order.shown, is_own);
            ended = flow.is_break();
            flow
        });
        if !ended {
            // The end of the walk is the end of the last level too.
            let _ = self.walk_hidden(incoming, parts, level, visit);
        }
    }

    /// Visits the hidden parts of a level, round by round.
    fn walk_hidden(
        &self,
        incoming: &Incoming,
        parts: &mut Vec<(u32, i64)>,
        price: i64,
        visit: &mut dyn FnMut(i64, i64, bool) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        while !parts.is_empty() {
            for (slot, hidden) in parts.iter_mut() {
                let part = self.orders.extra(*slot).iceberg.min(*hidden);
                *hidden -= part;
                visit(price, part, self.is_own(self.orders.get(*slot).seat, incoming.seat))?;
            }
            parts.retain(|(_, hidden)| *hidden > 0);
        }
        ControlFlow::Continue(())
    }

    /// Trades until nothing is wanted or nothing fits. Gives the reason when what is left must not rest.
    pub(super) fn match_incoming(&mut self, incoming: &mut Incoming, events: &mut Vec<Event>) -> Option<CloseReason> {
        let against = incoming.side.opposite();
        let (low, high) = self.trading_band(incoming.position);
        while !incoming.is_done() {
            let state = self.markets.get(incoming.position);
            let Some(slot) = self.next_maker(state, against) else {
                return (incoming.limit.is_none()).then_some(CloseReason::Expired);
            };
            let maker = self.orders.get(slot);
            if !incoming.accepts(maker.price) {
                return None;
            }
            let mut quantity = wanted(state, incoming.want, maker.price, maker.shown);
            if incoming.limited {
                quantity = quantity.min(self.affordable(incoming, maker.price));
            }
            if quantity == 0 {
                return (incoming.executed == 0 || incoming.limited).then_some(CloseReason::Expired);
            }
            let prevents = incoming.self_trade != SelfTrade::None && self.is_own(maker.seat, incoming.seat);
            if prevents && incoming.self_trade != SelfTrade::Decrement {
                if let Some(reason) = self.prevent(incoming, slot, events) {
                    return Some(reason);
                }
                continue;
            }
            // Own orders are not traded with, so they cannot move the price.
            if !prevents && (maker.price < low || maker.price > high) {
                return self.interrupt(incoming, events);
            }
            if prevents {
                if let Some(reason) = self.decrement(incoming, slot, quantity, events) {
                    return Some(reason);
                }
            } else if !self.trade(incoming, slot, quantity, events) {
                return Some(CloseReason::Overflow);
            }
        }
        // A quote amount that was prevented to the last unit is not filled.
        (incoming.executed == 0).then_some(CloseReason::Expired)
    }

    /// The order that trades next: of the best price the oldest.
    #[inline]
    fn next_maker(&self, state: &MarketState<B>, side: Side) -> Option<u32> {
        let best = state.book.best(&self.orders, side);
        if !self.has_fault(Fault::WrongPriority) {
            return best;
        }
        let price = self.orders.get(best?).price;
        let mut last = best;
        state.book.walk_orders(&self.orders, side, &mut |slot| {
            if self.orders.get(slot).price != price {
                return ControlFlow::Break(());
            }
            last = Some(slot);
            ControlFlow::Continue(())
        });
        last
    }

    /// What the account can pay for at a price, in whole lots.
    fn affordable(&self, incoming: &Incoming, price: i64) -> i64 {
        let state = self.markets.get(incoming.position);
        let available = self.payable(incoming.seat, incoming.side);
        let unit = if incoming.side == Side::Buy { price.saturating_mul(state.quote_unit) } else { state.base_unit };
        whole_lots(state, available / unit)
    }

    /// The prices within which an order that came now would trade.
    fn band_now(&self, position: usize) -> (i64, i64) {
        let state = self.markets.get(position);
        if !state.market.volatility.is_on() {
            return (0, i64::MAX);
        }
        let begins = self.time >= state.window_end;
        band(&state.market.volatility, if begins { state.last_price } else { state.reference })
    }

    /// The prices within which a volatile market trades on; begins a new window when the last has ended.
    #[inline]
    fn trading_band(&mut self, position: usize) -> (i64, i64) {
        let now = self.time;
        let state = self.markets.get_mut(position);
        let volatility = state.market.volatility;
        if !volatility.is_on() {
            return (0, i64::MAX);
        }
        if now >= state.window_end {
            state.reference = state.last_price;
            state.window_end = Timestamp(now.0 + u64::from(volatility.window_ms) * 1_000);
        }
        band(&state.market.volatility, state.reference)
    }

    /// The next trade would move the price too far: an auction begins instead.
    #[cold]
    fn interrupt(&mut self, incoming: &Incoming, events: &mut Vec<Event>) -> Option<CloseReason> {
        let auction_us = u64::from(self.markets.get(incoming.position).market.volatility.auction_ms) * 1_000;
        let until = Timestamp(self.time.0 + auction_us);
        self.enter_state(incoming.position, State::Auction, until, StateCause::Volatility, events);
        (!incoming.may_rest).then_some(CloseReason::Expired)
    }

    /// Self-trade prevention that ends orders. Gives the reason when the incoming one is among them.
    #[cold]
    fn prevent(&mut self, incoming: &mut Incoming, slot: u32, events: &mut Vec<Event>) -> Option<CloseReason> {
        let mode = incoming.self_trade;
        let ends_maker = mode != SelfTrade::ExpireTaker;
        let ends_taker = mode != SelfTrade::ExpireMaker;
        let maker_quantity = if ends_maker { self.orders.get(slot).remaining() } else { 0 };
        let taker_quantity = if ends_taker { incoming.base_left() } else { 0 };
        self.record_prevented(incoming, slot, [maker_quantity, taker_quantity], None, events);
        if ends_maker {
            self.close(incoming.position, slot, CloseReason::SelfTrade, ClientOrderId::EMPTY, events);
        }
        ends_taker.then_some(CloseReason::SelfTrade)
    }

    /// Self-trade prevention that takes the same quantity off both orders. Gives the reason when the incoming one ends.
    #[cold]
    fn decrement(
        &mut self,
        incoming: &mut Incoming,
        slot: u32,
        quantity: i64,
        events: &mut Vec<Event>,
    ) -> Option<CloseReason> {
        let maker = *self.orders.get(slot);
        let state = self.markets.get(incoming.position);
        let quote = state.quote_amount(maker.price, quantity).expect("a part of an accepted order's notional fits");
        let released = self.held_for(incoming.position, maker.side, maker.price, quantity);
        incoming.prevented += quantity;
        let (by_quote, taker_quantity) = match incoming.want {
            Want::Base(left) => {
                incoming.want = Want::Base(left - quantity);
                (false, quantity)
            }
            Want::Quote(left) => {
                incoming.want = Want::Quote(left - quote);
                (true, 0)
            }
        };
        self.hold_for_order(incoming.position, maker.seat, maker.side, -released);
        self.markets.get_mut(incoming.position).book.reduce(&mut self.orders, slot, maker.side, quantity, 0);
        self.orders.extra_mut(slot).prevented += quantity;
        self.orders.detail_mut(slot).updated = self.time.0;
        self.record_prevented(incoming, slot, [quantity, taker_quantity], Some(released), events);
        if maker.list != crate::seats::NONE {
            // What it lost its partner would trade for it.
            self.list_executed(maker.list, slot, events);
        }
        self.show_next(incoming.position, slot, events);
        if self.orders.get(slot).remaining() == 0 {
            self.close(incoming.position, slot, CloseReason::SelfTrade, ClientOrderId::EMPTY, events);
        }
        (!by_quote && incoming.base_left() == 0).then_some(CloseReason::SelfTrade)
    }

    /// Tells a prevented match: what maker and taker lose, and what a decremented maker gets back.
    fn record_prevented(
        &mut self,
        incoming: &Incoming,
        slot: u32,
        [maker_quantity, taker_quantity]: [i64; 2],
        released: Option<i64>,
        events: &mut Vec<Event>,
    ) {
        let maker = *self.orders.get(slot);
        let state = self.markets.get_mut(incoming.position);
        state.last_prevented = PreventedId(state.last_prevented.0 + 1);
        let state = self.markets.get(incoming.position);
        if self.has_fault(Fault::PreventedUntold) {
            return;
        }
        events.push(Event::Prevented(Prevented {
            prevented: state.last_prevented,
            market: state.market.id,
            taker_side: incoming.side,
            mode: incoming.self_trade,
            price: Price(maker.price),
            maker_order: maker.id,
            taker_order: incoming.order,
            maker_account: self.seats.get(maker.seat).account,
            taker_account: incoming.account,
            maker_quantity: Quantity(maker_quantity),
            taker_quantity: Quantity(taker_quantity),
            maker_visible: Quantity(if released.is_some() { maker_quantity } else { 0 }),
            released: Amount(released.unwrap_or(0)),
            maker_remaining: Quantity(if released.is_some() { maker.remaining() } else { 0 }),
        }));
    }

    /// Ends an incoming order that neither filled nor rests. An order by quote amount that spent what it could is filled,
    /// and says nothing.
    pub(super) fn expire_rest(&self, incoming: &Incoming, stopped: Option<CloseReason>, events: &mut Vec<Event>) {
        if matches!(incoming.want, Want::Quote(_)) && stopped.is_none() {
            return;
        }
        events.push(Event::Closed(Closed {
            order: incoming.order,
            account: incoming.account,
            market: self.markets.get(incoming.position).market.id,
            side: incoming.side,
            reason: stopped.unwrap_or(CloseReason::Expired),
            price: Price(incoming.limit.unwrap_or(0)),
            remaining: Quantity(incoming.base_left()),
            visible: Quantity::ZERO,
            released: Amount::ZERO,
            request_id: ClientOrderId::EMPTY,
        }));
    }
}
