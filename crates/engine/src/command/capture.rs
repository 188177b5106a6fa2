use model::{AccountId, Amount, Event, HoldId, Reject};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn capture(
        &mut self,
        id: HoldId,
        to: AccountId,
        amount: Amount,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if !self.knows(to) {
            return Err(Reject::UnknownAccount);
        }
        let hold = self.holds.get_mut(&id).ok_or(Reject::UnknownHold)?;
        if !amount.is_positive() {
            return Err(Reject::InvalidAmount);
        }
        if amount.0 > hold.remaining {
            return Err(Reject::ExceedsHold);
        }
        hold.remaining -= amount.0;
        let hold = *hold;
        if hold.remaining == 0 {
            self.holds.remove(&id);
        }
        let (payer, receiver) = (self.ledger.slot(hold.account, hold.asset), self.ledger.slot(to, hold.asset));
        self.ledger.pay_held(payer, hold.asset, amount.0);
        self.ledger.post(receiver, hold.asset, amount.0);
        self.ledger.count_issued(to, hold.asset, -amount.0);
        self.ledger.need(hold.asset, -amount.0);
        self.ledger.assert_balanced(hold.asset);
        let remaining = Amount(hold.remaining);
        events.push(Event::Captured { hold: id, account: hold.account, to, asset: hold.asset, amount, remaining });
        Ok(())
    }
}
