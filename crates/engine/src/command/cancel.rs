use model::{AccountId, ClientOrderId, CloseReason, Event, ListTarget, MarketId, Reject, Target};

use crate::filters;
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
        filters::check_cancel(self.markets.get(position))?;
        self.close(position, slot, CloseReason::Cancelled, request_id, events);
        self.settle_market(position, events);
        Ok(())
    }

    pub(crate) fn cancel_list(
        &mut self,
        account: AccountId,
        market: MarketId,
        target: ListTarget,
        request_id: ClientOrderId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let position = self.markets.position(market).ok_or(Reject::UnknownMarket)?;
        let found = match target {
            ListTarget::List(id) => self.lists.find(id),
            ListTarget::Client(client_id) => self.lists.find_client(account, &client_id),
        };
        let is_own = |list: &u32| {
            let list = self.lists.get(*list);
            list.account == account && list.market == market
        };
        let unknown = if self.accounts.contains(account) { Reject::UnknownList } else { Reject::UnknownAccount };
        let list = found.filter(is_own).ok_or(unknown)?;
        filters::check_cancel(self.markets.get(position))?;
        self.end_list(position, list, CloseReason::Cancelled, request_id, events);
        self.settle_market(position, events);
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
            let seat = self.seats.get(self.orders.get(*slot).seat);
            seat.market == market && seat.account == account
        };
        slot.filter(is_own)
            .ok_or_else(|| if self.accounts.contains(account) { Reject::UnknownOrder } else { Reject::UnknownAccount })
    }
}
