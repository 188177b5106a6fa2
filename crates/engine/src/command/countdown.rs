//! Dead-man's switches.

use std::collections::{BTreeMap, BTreeSet};

use model::{AccountId, CloseReason, Command, Event, MarketId, Reject, Timestamp};

use crate::{Book, Engine};

/// Whose switch: an account's in one market, or in all.
pub(crate) type Switch = (AccountId, Option<MarketId>);

/// The switches that are on, by owner and by when they fire.
#[derive(Debug, Default)]
pub(crate) struct Countdowns {
    pub(crate) by_owner: BTreeMap<Switch, Timestamp>,
    by_deadline: BTreeSet<(Timestamp, AccountId, Option<MarketId>)>,
}

impl Countdowns {
    /// The switch that fires next.
    pub(crate) fn first(&self) -> Option<(Timestamp, Switch)> {
        self.by_deadline.first().map(|&(deadline, account, market)| (deadline, (account, market)))
    }

    /// Sets a switch, or takes it away when the deadline is none.
    pub(crate) fn set(&mut self, (account, market): Switch, deadline: Timestamp) {
        if let Some(before) = self.by_owner.remove(&(account, market)) {
            self.by_deadline.remove(&(before, account, market));
        }
        if deadline != Timestamp::NEVER {
            self.by_owner.insert((account, market), deadline);
            self.by_deadline.insert((deadline, account, market));
        }
    }
}

impl<B: Book> Engine<B> {
    pub(crate) fn set_countdown(
        &mut self,
        account: AccountId,
        market: Option<MarketId>,
        timeout_us: u64,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if let Some(id) = market {
            self.markets.position(id).ok_or(Reject::UnknownMarket)?;
        }
        if !self.accounts.contains(account) {
            return Err(Reject::UnknownAccount);
        }
        if timeout_us > Command::MAX_COUNTDOWN_US {
            return Err(Reject::InvalidTime);
        }
        let deadline = if timeout_us == 0 { Timestamp::NEVER } else { Timestamp(self.time.0 + timeout_us) };
        self.countdowns.set((account, market), deadline);
        self.expect_at(deadline);
        events.push(Event::CountdownSet { account, market, deadline });
        Ok(())
    }

    /// A switch fires: it is off, and the account's orders end, in whatever state the markets are.
    pub(crate) fn fire_countdown(&mut self, (account, market): Switch, events: &mut Vec<Event>) {
        self.countdowns.set((account, market), Timestamp::NEVER);
        events.push(Event::CountdownFired { account, market });
        let one = market.and_then(|id| self.markets.position(id));
        self.close_all(account, one, true, CloseReason::Countdown, events);
        self.settle_all(one, events);
    }
}
