//! Market states: what the operator, the clock or the market itself changes, and the auction at its end.

use model::{
    ClientOrderId, CloseReason, Event, MarketId, MarketState as State, Price, Quantity, Reject, Side, StateCause,
    Timestamp,
};

use super::settlement::Deal;
use crate::auction::{Indication, Uncross, uncross};
use crate::faults::Fault;
use crate::{Book, Engine};

/// An indicative price is told at most once in this time.
const INDICATION_US: u64 = 500_000;

impl<B: Book> Engine<B> {
    pub(crate) fn set_market_state(
        &mut self,
        market: MarketId,
        state: State,
        until: Timestamp,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let position = self.markets.position(market).ok_or(Reject::UnknownMarket)?;
        if until != Timestamp::NEVER && (state != State::Auction || until <= self.time) {
            return Err(Reject::InvalidTime);
        }
        self.change_state(position, state, until, StateCause::Operator, events);
        Ok(())
    }

    /// Gives a market a state. Before it trades or shows a book that must not be crossed, crossed orders trade; afterwards
    /// what they set off enters.
    pub(crate) fn change_state(
        &mut self,
        position: usize,
        state: State,
        until: Timestamp,
        cause: StateCause,
        events: &mut Vec<Event>,
    ) {
        let before = self.markets.get(position).state;
        let opens = before != state && matches!(state, State::Trading | State::PostOnly);
        let price = if opens { self.uncross(position, events) } else { None };
        self.enter_state(position, state, until, cause, events);
        if let Some(price) = price {
            self.look_at_price(position, price, events);
        }
        self.settle_market(position, events);
    }

    /// The state alone. An auction that begins has told nothing yet, one that ends ends the volatility window.
    pub(crate) fn enter_state(
        &mut self,
        position: usize,
        state: State,
        until: Timestamp,
        cause: StateCause,
        events: &mut Vec<Event>,
    ) {
        let found = self.markets.get_mut(position);
        if found.state != state {
            found.indication = Indication { is_stale: state == State::Auction, ..Indication::default() };
        }
        if found.state == State::Auction && state != State::Auction {
            found.window_end = Timestamp::NEVER;
        }
        (found.state, found.until) = (state, until);
        events.push(Event::MarketStateSet { market: found.market.id, state, until, cause });
        self.expect_at(until);
    }

    fn find_uncross(&self, position: usize) -> Uncross {
        let state = self.markets.get(position);
        let forgets = self.has_fault(Fault::AuctionForgetsLastPrice);
        uncross(state, &self.orders, if forgets { 0 } else { state.last_price.0 })
    }

    /// Lets the orders of a crossed book trade at one price; gives the price.
    fn uncross(&mut self, position: usize, events: &mut Vec<Event>) -> Option<i64> {
        let found = self.find_uncross(position);
        if found.volume == 0 {
            return None;
        }
        events.push(Event::Uncrossed {
            market: self.markets.get(position).market.id,
            price: Price(found.price),
            volume: Quantity(found.volume),
        });
        let mut left = found.volume;
        while left > 0 {
            let book = &self.markets.get(position).book;
            let (bid, ask) = (book.best(&self.orders, Side::Buy), book.best(&self.orders, Side::Sell));
            let (Some(bid), Some(ask)) = (bid, ask) else { break };
            left -= self.trade_crossed(position, [bid, ask], found.price, left, events);
        }
        Some(found.price)
    }

    /// One trade between the best two orders; gives its quantity.
    fn trade_crossed(
        &mut self,
        position: usize,
        [bid, ask]: [u32; 2],
        price: i64,
        left: i64,
        events: &mut Vec<Event>,
    ) -> i64 {
        let (buy, sell) = (*self.orders.get(bid), *self.orders.get(ask));
        let quantity = buy.shown.min(sell.shown).min(left);
        let state = self.markets.get(position);
        let quote = state.quote_amount(price, quantity).expect("at most the buyer's notional, which fits");
        let base = state.base_amount(quantity).expect("a part of an accepted order's quantity fits");
        let released = self.held_for(position, Side::Buy, buy.price, quantity) - quote;
        let buy_is_taker = buy.id > sell.id;
        let ((maker_slot, maker), (taker_slot, taker)) =
            if buy_is_taker { ((ask, sell), (bid, buy)) } else { ((bid, buy), (ask, sell)) };
        let deal = Deal {
            price,
            quantity,
            quote,
            base,
            auction: true,
            maker: (maker.id, maker.seat),
            taker: (taker.id, taker.seat),
            taker_side: taker.side,
            // Nobody offers liquidity to a market that does not trade: no rebates.
            maker_ppm: maker.maker_ppm.max(0),
            taker_ppm: self.orders.detail(taker_slot).taker_ppm.max(0),
            maker_remaining: maker.remaining() - quantity,
            taker_remaining: taker.remaining() - quantity,
            released,
        };
        let settled = self.settle(position, &deal, events);
        debug_assert!(settled, "only a rebate can be refused");
        self.fill(position, maker_slot, &maker, quantity, quote, events);
        self.fill(position, taker_slot, &taker, quantity, quote, events);
        quantity
    }

    /// Something happened to an auction's orders: its price may be another, and is told when it is time.
    #[cold]
    pub(super) fn mark_indication(&mut self, position: usize) {
        let state = self.markets.get_mut(position);
        if state.state == State::Auction {
            state.indication.is_stale = true;
            let next_at = state.indication.next_at;
            self.next_due = self.next_due.min(next_at);
        }
    }

    /// Tells an auction's price when it is time and it has changed.
    pub(crate) fn tell_indication(&mut self, position: usize, events: &mut Vec<Event>) {
        let now = self.find_uncross(position);
        let state = self.markets.get(position);
        let is_new = now != state.indication.told;
        let market = state.market.id;
        let indication = &mut self.markets.get_mut(position).indication;
        indication.is_stale = false;
        if is_new {
            (indication.told, indication.next_at) = (now, self.time.0 + INDICATION_US);
            events.push(Event::Indicative {
                market,
                price: Price(now.price),
                volume: Quantity(now.volume),
                imbalance: Quantity(now.imbalance),
            });
        }
    }

    /// Ends all open orders of a market, by order id.
    pub(crate) fn cancel_market(&mut self, market: MarketId, events: &mut Vec<Event>) -> Result<(), Reject> {
        let position = self.markets.position(market).ok_or(Reject::UnknownMarket)?;
        let mut count = 0;
        for (id, slot) in self.orders_of_market(market) {
            // An order before it may have ended it with its list.
            if self.orders.find(id) == Some(slot) {
                count += self.close_counted(position, slot, CloseReason::MarketCancelled, events);
            }
        }
        events.push(Event::AllCancelled { account: model::AccountId(0), count });
        self.settle_market(position, events);
        Ok(())
    }

    /// Ends an open order with its list; gives how many orders ended.
    pub(super) fn close_counted(
        &mut self,
        position: usize,
        slot: u32,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) -> u32 {
        let before = self.orders.len();
        self.close(position, slot, reason, ClientOrderId::EMPTY, events);
        u32::try_from(before - self.orders.len()).expect("a list has at most three orders")
    }

    fn orders_of_market(&self, market: MarketId) -> Vec<(model::OrderId, u32)> {
        let slots = self.orders.by_order_id().into_iter();
        let is_here = |slot: &u32| self.seats.get(self.orders.get(*slot).seat).market == market;
        slots.filter(is_here).map(|slot| (self.orders.get(slot).id, slot)).collect()
    }
}
