use model::{Amount, Event, HoldId, Reject};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn release(&mut self, id: HoldId, events: &mut Vec<Event>) -> Result<(), Reject> {
        let hold = self.holds.remove(&id).ok_or(Reject::UnknownHold)?;
        let slot = self.ledger.slot(hold.account, hold.asset);
        self.ledger.hold(slot, hold.asset, -hold.remaining);
        self.ledger.need(hold.asset, -hold.remaining);
        self.ledger.assert_balanced(hold.asset);
        let (account, asset, amount) = (hold.account, hold.asset, Amount(hold.remaining));
        events.push(Event::Released { hold: id, account, asset, amount });
        Ok(())
    }
}
