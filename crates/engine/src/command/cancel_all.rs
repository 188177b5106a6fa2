use model::{AccountId, ClientOrderId, Event, MarketId, Reject};

use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// Closes the account's orders market by market in order of market id, and in each in order of order id.
    pub(crate) fn cancel_all(
        &mut self,
        account: AccountId,
        market: Option<MarketId>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let positions: Vec<usize> = match market {
            Some(id) => vec![self.markets.position(id).ok_or(Reject::UnknownMarket)?],
            None => self.markets.positions().collect(),
        };
        if !self.accounts.contains(&account) {
            return Err(Reject::UnknownAccount);
        }
        let mut count = 0;
        for position in positions {
            let id = self.markets.get(position).market.id;
            let Some(seat) = self.seats.find(account, id) else { continue };
            while self.seats.get(seat).first != NONE {
                self.close(position, self.seats.get(seat).first, ClientOrderId::EMPTY, events);
                count += 1;
            }
        }
        events.push(Event::AllCancelled { account, count });
        Ok(())
    }
}
