use model::{
    AccountId, Amount, Event, MarketId, MarketState as State, OrderId, OrderType, Price, Quantity, Reject, Side,
    Target, Wait,
};

use super::matching::{Incoming, Want};
use crate::filters;
use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// Takes the order out and in again under its own id: behind all others at its price, or trading at once.
    pub(crate) fn modify(
        &mut self,
        account: AccountId,
        market: MarketId,
        id: OrderId,
        price: Price,
        quantity: Quantity,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let position = self.markets.position(market).ok_or(Reject::UnknownMarket)?;
        let slot = self.find_order(account, market, &Target::Order(id))?;
        let old = *self.orders.get(slot);
        let (total, held) = self.check_modify(position, slot, price.0, quantity.0)?;
        self.hold_for_order(position, old.seat, old.side, -held);
        self.detach(position, slot);
        events.push(Event::Modified {
            order: id,
            account,
            market,
            side: old.side,
            old_price: Price(old.price),
            old_remaining: Quantity(old.remaining()),
            old_visible: Quantity(old.shown),
            price,
            quantity,
            released: Amount(held),
        });
        let time = self.time.0;
        let detail = self.orders.detail_mut(slot);
        (detail.quantity, detail.updated) = (total, time);
        let detail = *detail;
        let mut incoming = Incoming {
            order: id,
            position,
            seat: old.seat,
            account,
            side: old.side,
            limit: Some(price.0),
            self_trade: detail.self_trade,
            taker_ppm: detail.taker_ppm,
            want: Want::Base(quantity.0),
            limited: false,
            may_rest: true,
            filled_quote: 0,
            executed: 0,
            prevented: 0,
            first_price: 0,
            last_price: 0,
        };
        let stopped = self.meet(&mut incoming, detail.time_in_force, events);
        self.finish_again(slot, &incoming, stopped, events);
        self.look_at_prices(position, &incoming, events);
        self.settle_market(position, events);
        Ok(())
    }

    /// The rules of a modification. Gives the order's new quantity in all, and what is held for it now.
    fn check_modify(&self, position: usize, slot: u32, price: i64, quantity: i64) -> Result<(i64, i64), Reject> {
        let state = self.markets.get(position);
        let old = *self.orders.get(slot);
        if !state.is_trading() {
            filters::check_open(state)?;
        }
        let cost = filters::check_limit(state, old.side, price, quantity)?;
        let done = self.orders.detail(slot).quantity - old.remaining();
        let total = done.checked_add(quantity).ok_or(Reject::AmountOverflow)?;
        let must_rest = old.order_type == OrderType::LimitMaker || state.state == State::PostOnly;
        if must_rest && self.would_take(position, old.side, price) {
            return Err(Reject::WouldTake);
        }
        filters::check_percent(state, old.side, price)?;
        if old.side == Side::Buy && state.market.filters.max_position.0 > 0 {
            self.check_position(position, old.seat, i128::from(quantity) - i128::from(old.remaining()))?;
        }
        if old.wait != Wait::Nothing || old.list != NONE {
            return Err(Reject::CannotModify);
        }
        let held = self.held_of(position, slot);
        if self.payable(old.seat, old.side) + held < cost {
            return Err(Reject::InsufficientBalance);
        }
        Ok((total, held))
    }
}
