use model::{AccountId, Event, Reject, TierId, system};

use crate::accounts::Account;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn open_account(
        &mut self,
        account: AccountId,
        parent: AccountId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if account < system::FIRST_USER {
            return Err(Reject::InvalidAccount);
        }
        if self.accounts.contains(account) {
            return Err(Reject::AccountExists);
        }
        let is_master =
            |account: AccountId| self.accounts.get(account).is_some_and(|found| found.parent == AccountId(0));
        if parent != AccountId(0) && !is_master(parent) {
            return Err(Reject::InvalidParent);
        }
        self.accounts.add(Account { id: account, parent, tier: TierId(0) });
        events.push(Event::AccountOpened { account, parent });
        Ok(())
    }

    pub(crate) fn set_tier(&mut self, account: AccountId, tier: TierId, events: &mut Vec<Event>) -> Result<(), Reject> {
        self.accounts.get_mut(account).ok_or(Reject::UnknownAccount)?.tier = tier;
        self.schedule.changed();
        events.push(Event::TierSet { account, tier });
        Ok(())
    }
}
