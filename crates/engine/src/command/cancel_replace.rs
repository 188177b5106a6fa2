use model::{CancelReplace, Event, Reject, ReplaceMode};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// Cancels, then places. The cancel stands even when the new order is refused, as Binance documents it.
    pub(crate) fn cancel_replace(&mut self, replace: &CancelReplace, events: &mut Vec<Event>) -> Result<(), Reject> {
        let place = &replace.place;
        let cancelled = self.cancel(place.account, place.market, replace.target, replace.cancel_id, events);
        if let Err(reason) = cancelled {
            events.push(Event::CancelRejected { account: place.account, reason });
            if replace.mode == ReplaceMode::StopOnFailure {
                return Ok(());
            }
        }
        self.place(place, events)
    }
}
