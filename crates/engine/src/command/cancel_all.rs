use model::{AccountId, CloseReason, Event, MarketId, Reject};

use crate::faults::Fault;
use crate::filters;
use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// Closes the account's orders market by market in order of market id, and in each in order of order id. Over all
    /// markets it passes over those that let nothing be cancelled.
    pub(crate) fn cancel_all(
        &mut self,
        account: AccountId,
        market: Option<MarketId>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let one = market.map(|id| self.markets.position(id).ok_or(Reject::UnknownMarket)).transpose()?;
        if !self.accounts.contains(account) {
            return Err(Reject::UnknownAccount);
        }
        if let Some(position) = one {
            filters::check_cancel(self.markets.get(position))?;
        }
        let count = self.close_all(account, one, false, CloseReason::Cancelled, events);
        events.push(Event::AllCancelled { account, count });
        self.settle_all(one, events);
        Ok(())
    }

    /// Closes the account's orders in one market, or in all; gives how many.
    pub(crate) fn close_all(
        &mut self,
        account: AccountId,
        one: Option<usize>,
        in_every_state: bool,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) -> u32 {
        let mut count = 0;
        for at in 0..one.map_or(self.markets.slots(), |_| 1) {
            let Some(position) = one.or_else(|| self.markets.slot_position(at)) else { continue };
            let state = self.markets.get(position);
            let Some(seat) = self.seats.find(account, state.market.id) else { continue };
            if !in_every_state && filters::check_cancel(state).is_err() {
                continue;
            }
            while self.seats.get(seat).first != NONE {
                let newest = self.has_fault(Fault::NewestCancelledFirst);
                let found = self.seats.get(seat);
                let next = if newest { found.last } else { found.first };
                count += self.close_counted(position, next, reason, events);
            }
        }
        count
    }

    /// The end of a command over one market or all.
    pub(crate) fn settle_all(&mut self, one: Option<usize>, events: &mut Vec<Event>) {
        for at in 0..one.map_or(self.markets.slots(), |_| 1) {
            if let Some(position) = one.or_else(|| self.markets.slot_position(at)) {
                self.settle_market(position, events);
            }
        }
    }
}
