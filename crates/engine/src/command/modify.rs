use model::{AccountId, Amount, CloseReason, Event, MarketId, OrderId, OrderType, Price, Quantity, Reject, Target};

use super::matching::{Incoming, Want};
use crate::filters;
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
        let checked = filters::check_limit(self.markets.get(position), old.side, price.0, quantity.0)?;
        let total = self.orders.detail(slot).quantity - old.remaining;
        let total = total.checked_add(quantity.0).ok_or(Reject::AmountOverflow)?;
        if old.order_type == OrderType::LimitMaker && self.would_take(position, old.side, price.0) {
            return Err(Reject::WouldTake);
        }
        let held = self.held_for(position, old.side, old.price, old.remaining);
        if self.payable(old.seat, old.side) + held < checked.cost {
            return Err(Reject::InsufficientBalance);
        }
        self.unhold(position, slot);
        self.markets.get_mut(position).book.remove(&mut self.orders, slot);
        events.push(Event::Modified {
            order: id,
            account,
            market,
            side: old.side,
            old_price: Price(old.price),
            old_remaining: Quantity(old.remaining),
            price,
            quantity,
            released: Amount(held),
        });
        let mut incoming = Incoming {
            order: id,
            position,
            seat: old.seat,
            account,
            side: old.side,
            limit: Some(price.0),
            self_trade: old.self_trade,
            want: Want::Base(quantity.0),
            filled_quote: 0,
            executed: 0,
        };
        let stopped = self.match_incoming(&mut incoming, events);
        let remaining = incoming.base_left();
        let time = self.time.0;
        let detail = self.orders.detail_mut(slot);
        detail.quantity = total;
        detail.updated = time;
        let order = self.orders.get_mut(slot);
        order.price = price.0;
        order.remaining = remaining;
        order.filled_quote = order.filled_quote.saturating_add(incoming.filled_quote);
        if remaining == 0 || stopped == Some(CloseReason::SelfTrade) {
            self.orders.remove(&mut self.seats, slot);
            if remaining > 0 {
                self.expire_rest(&incoming, stopped, events);
            }
        } else {
            self.enter_book(position, slot, events);
        }
        self.assert_market_balanced(position);
        Ok(())
    }
}
