use model::{AccountId, Event, Reject, system};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn open_account(&mut self, account: AccountId, events: &mut Vec<Event>) -> Result<(), Reject> {
        if account < system::FIRST_USER {
            return Err(Reject::InvalidAccount);
        }
        if !self.accounts.insert(account) {
            return Err(Reject::AccountExists);
        }
        events.push(Event::AccountOpened { account });
        Ok(())
    }
}
