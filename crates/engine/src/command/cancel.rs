use model::{AccountId, Amount, ClientOrderId, CloseReason, Closed, Event, MarketId, Price, Quantity, Reject, Target};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn cancel(
        &mut self,
        account: AccountId,
        market: MarketId,
        target: Target,
        request_id: ClientOrderId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let position = self.markets.position(market).ok_or(Reject::UnknownMarket)?;
        let slot = self.find_order(account, market, &target)?;
        self.close(position, slot, request_id, events);
        Ok(())
    }

    /// The slot of an open order of this account in this market.
    pub(crate) fn find_order(&self, account: AccountId, market: MarketId, target: &Target) -> Result<u32, Reject> {
        let slot = match target {
            Target::Order(id) => self.orders.find(*id),
            Target::Client(client_id) => self.orders.find_client(&self.seats, account, client_id),
            Target::Both(id, client_id) => {
                self.orders.find(*id).filter(|&slot| self.orders.detail(slot).client_id == *client_id)
            }
        };
        let is_own = |slot: &u32| {
            let order = self.orders.get(*slot);
            order.market == market && self.seats.get(order.seat).account == account
        };
        slot.filter(is_own)
            .ok_or_else(|| if self.accounts.contains(&account) { Reject::UnknownOrder } else { Reject::UnknownAccount })
    }

    /// Takes an open order out of the book and gives back what was held for it.
    pub(crate) fn close(&mut self, position: usize, slot: u32, request_id: ClientOrderId, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        let released = self.unhold(position, slot);
        self.markets.get_mut(position).book.remove(&mut self.orders, slot);
        self.orders.remove(&mut self.seats, slot);
        events.push(Event::Closed(Closed {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: order.market,
            side: order.side,
            reason: CloseReason::Cancelled,
            price: Price(order.price),
            remaining: Quantity(order.remaining),
            released: Amount(released),
            request_id,
        }));
        self.assert_market_balanced(position);
    }

    /// Makes what is held for an open order available again; gives the amount.
    pub(crate) fn unhold(&mut self, position: usize, slot: u32) -> i64 {
        let order = self.orders.get(slot);
        let held = self.held_for(position, order.side, order.price, order.remaining);
        self.hold_for_order(position, order.seat, order.side, -held);
        held
    }

    /// The check after every command that touched a market.
    #[inline]
    pub(crate) fn assert_market_balanced(&self, position: usize) {
        let market = &self.markets.get(position).market;
        self.ledger.assert_balanced(market.base);
        self.ledger.assert_balanced(market.quote);
    }
}
