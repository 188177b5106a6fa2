use model::{AccountId, Amount, AssetId, Event, HoldId, Reject, system};

use crate::apply::Hold;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn hold(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: Amount,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.markets.asset(asset).ok_or(Reject::UnknownAsset)?;
        if !self.knows(account) || system::may_be_negative(account) {
            return Err(Reject::UnknownAccount);
        }
        if !amount.is_positive() {
            return Err(Reject::InvalidAmount);
        }
        let slot = self.ledger.slot(account, asset);
        if self.ledger.available(slot) < amount.0 {
            return Err(Reject::InsufficientBalance);
        }
        self.last_hold = HoldId(self.last_hold.0 + 1);
        let hold = self.last_hold;
        self.holds.insert(hold, Hold { account, asset, remaining: amount.0 });
        self.ledger.hold(slot, asset, amount.0);
        self.ledger.need(asset, amount.0);
        self.ledger.assert_balanced(asset);
        events.push(Event::Held { hold, account, asset, amount });
        Ok(())
    }
}
