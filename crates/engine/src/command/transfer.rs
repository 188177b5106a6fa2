use model::{AccountId, Amount, AssetId, Event, Reject, system};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn transfer(
        &mut self,
        from: AccountId,
        to: AccountId,
        asset: AssetId,
        amount: Amount,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.markets.asset(asset).ok_or(Reject::UnknownAsset)?;
        if !self.knows(from) || !self.knows(to) {
            return Err(Reject::UnknownAccount);
        }
        if !amount.is_positive() {
            return Err(Reject::InvalidAmount);
        }
        if from == to {
            return Err(Reject::SameAccount);
        }
        if !self.ledger.fits(from, to, asset, amount.0) {
            return Err(Reject::AmountOverflow);
        }
        let payer = self.ledger.slot(from, asset);
        if !system::may_be_negative(from) && self.ledger.available(payer) < amount.0 {
            return Err(Reject::InsufficientBalance);
        }
        self.ledger.transfer(from, to, asset, amount.0);
        self.ledger.assert_balanced(asset);
        events.push(Event::Transferred { from, to, asset, amount });
        Ok(())
    }
}
