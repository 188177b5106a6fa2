//! Matching: an incoming order against the other side of the book, and the settlement of each trade.

use std::ops::ControlFlow;

use model::{
    AccountId, Amount, AssetId, ClientOrderId, CloseReason, Closed, Event, OrderId, Place, Price, Quantity, Reject,
    SelfTrade, Side, Trade, TradeId,
};

use crate::ledger::BalanceSlot;
use crate::markets::MarketState;
use crate::orders::{Detail, Order};
use crate::seats::NONE;
use crate::{Book, Engine};

/// What an incoming order still wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// This much base, in quantity units.
    Base(i64),
    /// As much base as this much quote pays for, in quote ledger units.
    Quote(i64),
}

/// An order that is meeting the book. What it pays is still available to its account, checked to be enough.
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
    pub(super) want: Want,
    pub(super) filled_quote: i64,
    pub(super) executed: i64,
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

    fn accepts(&self, price: i64) -> bool {
        match (self.limit, self.side) {
            (None, _) => true,
            (Some(limit), Side::Buy) => price <= limit,
            (Some(limit), Side::Sell) => price >= limit,
        }
    }
}

/// How much of `offered` at `price` is wanted, in whole lots.
fn wanted<B>(state: &MarketState<B>, want: Want, price: i64, offered: i64) -> i64 {
    match want {
        Want::Base(quantity) => quantity.min(offered),
        Want::Quote(budget) => {
            // A maker's notional fits, so this product of its price does too.
            let affordable = budget / price.saturating_mul(state.quote_unit);
            let lot = state.market.filters.lot.step;
            (affordable - affordable % lot).min(offered)
        }
    }
}

/// Fee of a received amount: parts per million, rounded up; and whether that added a unit.
#[inline]
fn fee_of(received: i64, ppm: u32) -> (i64, u8) {
    const MILLION: i64 = 1_000_000;
    let ppm = i64::from(ppm);
    let (whole, rest) = match received.checked_mul(ppm) {
        Some(product) => (product / MILLION, product % MILLION),
        None => {
            let (millions, rest) = (received / MILLION, received % MILLION);
            let product = rest * ppm;
            (millions * ppm + product / MILLION, product % MILLION)
        }
    };
    (whole + i64::from(rest > 0), u8::from(rest > 0))
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
    pub(super) fn hold_for_order(&mut self, position: usize, seat: u32, side: Side, delta: i64) {
        let market = &self.markets.get(position).market;
        let seat = self.seats.get(seat);
        let (slot, asset) = if side == Side::Buy { (seat.quote, market.quote) } else { (seat.base, market.base) };
        self.ledger.hold(slot, asset, delta);
        self.ledger.need(asset, delta);
    }

    /// What a market order that the book must price takes at most: quote for a buy, base for a sell.
    pub(super) fn market_cost(&self, incoming: &Incoming) -> Result<i64, Reject> {
        let state = self.markets.get(incoming.position);
        let mut want = incoming.want;
        let mut cost: i128 = 0;
        let mut visit = |price: i64, offered: i64| {
            let quantity = wanted(state, want, price, offered);
            if quantity == 0 {
                return ControlFlow::Break(());
            }
            let quote = i128::from(price) * i128::from(quantity) * i128::from(state.quote_unit);
            let base = i128::from(quantity) * i128::from(state.base_unit);
            cost += if incoming.side == Side::Buy { quote } else { base };
            want = match want {
                Want::Base(left) => Want::Base(left - quantity),
                // `wanted` took no more than the budget pays for.
                Want::Quote(left) => Want::Quote(left - i64::try_from(quote).unwrap_or(left)),
            };
            ControlFlow::Continue(())
        };
        self.walk(incoming, &mut visit);
        i64::try_from(cost).map_err(|_| Reject::AmountOverflow)
    }

    /// Whether the book fills all that is wanted within the limit.
    pub(super) fn can_fill(&self, incoming: &Incoming) -> bool {
        let mut left = incoming.base_left();
        self.walk(incoming, &mut |price, offered| {
            if !incoming.accepts(price) {
                return ControlFlow::Break(());
            }
            left -= left.min(offered);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        left == 0
    }

    /// The offers that the order would meet, as price and quantity: by level, or order by order up to an own order that
    /// self-trade prevention would stop at.
    fn walk(&self, incoming: &Incoming, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>) {
        let book = &self.markets.get(incoming.position).book;
        let side = incoming.side.opposite();
        match incoming.self_trade {
            SelfTrade::None => book.walk_levels(&self.orders, side, visit),
            SelfTrade::ExpireTaker => book.walk_orders(&self.orders, side, &mut |slot| {
                let order = self.orders.get(slot);
                if order.seat == incoming.seat {
                    return ControlFlow::Break(());
                }
                visit(order.price, order.remaining)
            }),
        }
    }

    /// Trades until nothing is wanted or nothing fits. Gives the reason when something other than price or size ended it.
    pub(super) fn match_incoming(&mut self, incoming: &mut Incoming, events: &mut Vec<Event>) -> Option<CloseReason> {
        let against = incoming.side.opposite();
        while !incoming.is_done() {
            let Some(slot) = self.markets.get(incoming.position).book.best(&self.orders, against) else {
                return (incoming.limit.is_none()).then_some(CloseReason::Expired);
            };
            let maker = self.orders.get(slot);
            if !incoming.accepts(maker.price) {
                return None;
            }
            if maker.seat == incoming.seat && incoming.self_trade == SelfTrade::ExpireTaker {
                return Some(CloseReason::SelfTrade);
            }
            let state = self.markets.get(incoming.position);
            let quantity = wanted(state, incoming.want, maker.price, maker.remaining);
            if quantity == 0 {
                return (incoming.executed == 0).then_some(CloseReason::Expired);
            }
            self.trade(incoming, slot, quantity, events);
        }
        None
    }

    /// Settles one trade: four postings, two fees, the maker's order and the taker's want.
    fn trade(&mut self, incoming: &mut Incoming, slot: u32, quantity: i64, events: &mut Vec<Event>) {
        let state = self.markets.get_mut(incoming.position);
        let maker = *self.orders.get(slot);
        let quote = state.quote_amount(maker.price, quantity).expect("a part of an accepted order's notional fits");
        let base = state.base_amount(quantity).expect("a part of an accepted order's quantity fits");
        state.last_trade = TradeId(state.last_trade.0 + 1);
        state.last_price = Price(maker.price);
        let (trade, market) = (state.last_trade, state.market);
        let (maker_receives, taker_receives) = match incoming.side {
            Side::Buy => (quote, base),
            Side::Sell => (base, quote),
        };
        let (maker_fee, maker_rounding) = fee_of(maker_receives, maker.maker_ppm);
        let (taker_fee, taker_rounding) = fee_of(taker_receives, market.fees.taker_ppm);
        let maker_remaining = maker.remaining - quantity;

        let (maker_seat, taker_seat) = (*self.seats.get(maker.seat), *self.seats.get(incoming.seat));
        // Each leg: who pays, from which asset; the maker pays from what is held for its order.
        match incoming.side {
            Side::Buy => {
                self.ledger.post(taker_seat.quote, market.quote, -quote);
                self.ledger.pay_held(maker_seat.base, market.base, base);
                self.ledger.need(market.base, -base);
                self.ledger.post(taker_seat.base, market.base, base - taker_fee);
                self.ledger.post(maker_seat.quote, market.quote, quote - maker_fee);
                self.post_fee(incoming.position, 0, market.base, taker_fee, taker_rounding);
                self.post_fee(incoming.position, 1, market.quote, maker_fee, maker_rounding);
            }
            Side::Sell => {
                self.ledger.post(taker_seat.base, market.base, -base);
                self.ledger.pay_held(maker_seat.quote, market.quote, quote);
                self.ledger.need(market.quote, -quote);
                self.ledger.post(taker_seat.quote, market.quote, quote - taker_fee);
                self.ledger.post(maker_seat.base, market.base, base - maker_fee);
                self.post_fee(incoming.position, 1, market.quote, taker_fee, taker_rounding);
                self.post_fee(incoming.position, 0, market.base, maker_fee, maker_rounding);
            }
        }

        self.fill_maker(incoming.position, slot, quantity, quote);
        incoming.want = match incoming.want {
            Want::Base(left) => Want::Base(left - quantity),
            Want::Quote(left) => Want::Quote(left - quote),
        };
        incoming.executed += quantity;
        incoming.filled_quote = incoming.filled_quote.saturating_add(quote);
        events.push(Event::Trade(Trade {
            trade,
            market: market.id,
            taker_side: incoming.side,
            price: Price(maker.price),
            quantity: Quantity(quantity),
            quote: Amount(quote),
            maker_order: maker.id,
            taker_order: incoming.order,
            maker_account: maker_seat.account,
            taker_account: incoming.account,
            maker_fee: Amount(maker_fee),
            taker_fee: Amount(taker_fee),
            rounding: [maker_rounding, taker_rounding],
            maker_remaining: Quantity(maker_remaining),
        }));
    }

    /// Credits a fee: its exact part to FEES, the unit that rounding up added to ROUNDING.
    #[inline]
    fn post_fee(&mut self, position: usize, which: usize, asset: AssetId, fee: i64, rounding: u8) {
        if fee == 0 {
            return;
        }
        let state = self.markets.get(position);
        let (fees, rest): (BalanceSlot, BalanceSlot) = (state.fees[which], state.rounding[which]);
        self.ledger.post(fees, asset, fee - i64::from(rounding));
        if rounding > 0 {
            self.ledger.post(rest, asset, i64::from(rounding));
        }
    }

    /// Takes a traded quantity off the maker order; a filled one leaves the book.
    fn fill_maker(&mut self, position: usize, slot: u32, quantity: i64, quote: i64) {
        let book = &mut self.markets.get_mut(position).book;
        if self.orders.get(slot).remaining == quantity {
            book.remove(&mut self.orders, slot);
            self.orders.remove(&mut self.seats, slot);
            return;
        }
        book.reduce(&mut self.orders, slot, quantity);
        let order = self.orders.get_mut(slot);
        // Only told, never paid: orders that are modified again and again may trade more than all the money there is.
        order.filled_quote = order.filled_quote.saturating_add(quote);
        self.orders.detail_mut(slot).updated = self.time.0;
    }

    /// Puts what is left of a new order into the book.
    pub(super) fn rest(&mut self, incoming: &Incoming, place: &Place, remaining: i64, events: &mut Vec<Event>) {
        let order = Order {
            id: incoming.order,
            price: place.price.0,
            remaining,
            filled_quote: incoming.filled_quote,
            seat: incoming.seat,
            next: NONE,
            prev: NONE,
            own_next: NONE,
            own_prev: NONE,
            maker_ppm: self.markets.get(incoming.position).market.fees.maker_ppm,
            market: place.market,
            side: place.side,
            order_type: place.order_type,
            self_trade: place.self_trade,
            has_client_id: !place.client_id.is_empty(),
        };
        let detail = Detail {
            quantity: place.quantity.0,
            placed: self.time.0,
            updated: self.time.0,
            client_id: place.client_id,
        };
        let slot = self.orders.insert(&mut self.seats, order, detail);
        self.enter_book(incoming.position, slot, events);
    }

    /// Links an order of the pool into the book and holds what it needs.
    pub(super) fn enter_book(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        let held = self.held_for(position, order.side, order.price, order.remaining);
        self.hold_for_order(position, order.seat, order.side, held);
        self.markets.get_mut(position).book.push(&mut self.orders, slot);
        events.push(Event::Rested {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: order.market,
            side: order.side,
            price: Price(order.price),
            remaining: Quantity(order.remaining),
            held: Amount(held),
        });
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
            released: Amount::ZERO,
            request_id: ClientOrderId::EMPTY,
        }));
    }
}
