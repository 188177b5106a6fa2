//! Cancels of all kinds, and how an order or a list is named.

use model::{
    AccountId, ClientOrderId, CloseReason, Event, ListId, ListTarget, MarketId, MarketState, OrderId, Reject, Target,
};

use super::Auditor;

impl Auditor {
    /// The named order, or all reasons why there is none.
    pub(super) fn find(&self, account: AccountId, market: MarketId, target: &Target) -> Result<OrderId, Vec<Reject>> {
        let mut broken = self.strangers(account, market);
        let named = self.orders.values().find(|order| {
            let is_named = match target {
                Target::Order(id) => order.id == *id,
                Target::Client(name) => !name.is_empty() && order.client_id == *name,
                Target::Both(id, name) => order.id == *id && order.client_id == *name,
            };
            is_named && order.account == account && order.market == market
        });
        match named {
            Some(order) if broken.is_empty() => Ok(order.id),
            _ => {
                broken.push(Reject::UnknownOrder);
                Err(broken)
            }
        }
    }

    /// Rules 21 and 22.
    fn strangers(&self, account: AccountId, market: MarketId) -> Vec<Reject> {
        let mut broken = Vec::new();
        if !self.venues.contains_key(&market) {
            broken.push(Reject::UnknownMarket);
        }
        if !self.accounts.contains_key(&account) {
            broken.push(Reject::UnknownAccount);
        }
        broken
    }

    fn is_halted(&self, market: MarketId) -> bool {
        self.venues.get(&market).is_some_and(|venue| venue.state == MarketState::Halt)
    }

    /// A cancel that is refused changes nothing and gives its reason.
    pub(super) fn cancel(
        &mut self,
        account: AccountId,
        market: MarketId,
        target: &Target,
        request_id: ClientOrderId,
    ) -> Result<(), Reject> {
        let found = self.find(account, market, target);
        let mut broken = found.as_ref().err().cloned().unwrap_or_default();
        if self.is_halted(market) {
            broken.push(Reject::MarketClosed);
        }
        match (broken.into_iter().min(), found) {
            (None, Ok(id)) => {
                self.close(id, CloseReason::Cancelled, request_id);
                Ok(())
            }
            (reason, _) => Err(reason.unwrap_or(Reject::UnknownOrder)),
        }
    }

    pub(super) fn cancel_list(
        &mut self,
        account: AccountId,
        market: MarketId,
        target: &ListTarget,
        request_id: ClientOrderId,
    ) {
        let mut broken = self.strangers(account, market);
        let named = self.lists.values().find(|list| {
            let is_named = match target {
                ListTarget::List(id) => list.id == *id,
                ListTarget::Client(name) => !name.is_empty() && list.client_id == *name,
            };
            is_named && list.account == account && list.market == market
        });
        let list = named.map_or(ListId(0), |list| list.id);
        if named.is_none() {
            broken.push(Reject::UnknownList);
        }
        if self.is_halted(market) {
            broken.push(Reject::MarketClosed);
        }
        if let Some(reason) = broken.into_iter().min() {
            return self.refuse(account, reason);
        }
        if let Some(first) = self.members(list).first() {
            self.close(*first, CloseReason::Cancelled, request_id);
        }
    }

    pub(super) fn cancel_all(&mut self, account: AccountId, market: Option<MarketId>) {
        let mut broken = Vec::new();
        if market.is_some_and(|market| !self.venues.contains_key(&market)) {
            broken.push(Reject::UnknownMarket);
        }
        if !self.accounts.contains_key(&account) {
            broken.push(Reject::UnknownAccount);
        }
        if market.is_some_and(|market| self.is_halted(market)) {
            broken.push(Reject::MarketClosed);
        }
        if let Some(reason) = broken.into_iter().min() {
            return self.refuse(account, reason);
        }
        let markets: Vec<MarketId> = self.venues.keys().copied().filter(|id| !self.is_halted(*id)).collect();
        let mut count = 0;
        for id in markets.into_iter().filter(|id| market.is_none_or(|market| market == *id)) {
            count += self.close_each(Some(account), id, CloseReason::Cancelled);
        }
        self.emit(Event::AllCancelled { account, count });
    }

    pub(super) fn cancel_market(&mut self, market: MarketId) {
        if !self.venues.contains_key(&market) {
            return self.refuse(AccountId(0), Reject::UnknownMarket);
        }
        let count = self.close_each(None, market, CloseReason::MarketCancelled);
        self.emit(Event::AllCancelled { account: AccountId(0), count });
    }

    /// Closes the open orders of an account, or of all, in a market by order id; the list of each with it. Gives how many.
    pub(super) fn close_each(&mut self, account: Option<AccountId>, market: MarketId, reason: CloseReason) -> u32 {
        let is_meant = |id: &OrderId| {
            let order = self.order(*id);
            order.market == market && account.is_none_or(|account| order.account == account)
        };
        let ids: Vec<OrderId> = self.orders.keys().copied().filter(is_meant).collect();
        for id in &ids {
            if self.orders.contains_key(id) {
                self.close(*id, reason, ClientOrderId::EMPTY);
            }
        }
        u32::try_from(ids.len()).unwrap_or(u32::MAX)
    }
}
