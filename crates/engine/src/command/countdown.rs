//! Dead-man's switches.

use hashbrown::HashTable;
use model::{AccountId, CloseReason, Command, Event, MarketId, Reject, Timestamp};

use crate::heap::Heap;
use crate::{Book, Engine};

/// Whose switch: an account's in one market, or in all.
pub(crate) type Switch = (AccountId, Option<MarketId>);

#[derive(Debug, Clone, Copy)]
struct Countdown {
    switch: Switch,
    deadline: Timestamp,
    /// Place in the heap.
    heap_at: u32,
}

/// The switches that are on, found by owner and by when they fire.
#[derive(Debug, Default)]
pub(crate) struct Countdowns {
    slots: Vec<Countdown>,
    free: Vec<u32>,
    by_owner: HashTable<u32>,
    by_deadline: Vec<u32>,
}

fn hash((account, market): Switch) -> u64 {
    let market = market.map_or(0, |id| u64::from(id.0) + 1);
    model::spread(u64::from(account.0) << 17 | market)
}

/// The switches by when they fire, at one time by account and market, all markets first.
impl Heap for Countdowns {
    type Key = (Timestamp, Switch);

    fn heap(&self) -> &[u32] {
        &self.by_deadline
    }

    fn heap_mut(&mut self) -> &mut Vec<u32> {
        &mut self.by_deadline
    }

    fn key(&self, slot: u32) -> (Timestamp, Switch) {
        let Countdown { switch, deadline, .. } = self.slots[slot as usize];
        (deadline, switch)
    }

    fn place(&self, slot: u32) -> u32 {
        self.slots[slot as usize].heap_at
    }

    fn set_place(&mut self, slot: u32, at: u32) {
        self.slots[slot as usize].heap_at = at;
    }
}

impl Countdowns {
    /// The switch that fires next.
    pub(crate) fn first(&self) -> Option<(Timestamp, Switch)> {
        self.least().map(|slot| self.key(slot))
    }

    /// Sets a switch, or takes it away when the deadline is none.
    pub(crate) fn set(&mut self, switch: Switch, deadline: Timestamp) {
        let is_it = |&slot: &u32| self.slots[slot as usize].switch == switch;
        match self.by_owner.find_entry(hash(switch), is_it) {
            Ok(entry) if deadline == Timestamp::NEVER => {
                let (slot, _) = entry.remove();
                self.leave(slot);
                self.free.push(slot);
            }
            Ok(entry) => {
                let slot = *entry.get();
                self.slots[slot as usize].deadline = deadline;
                self.reorder(slot);
            }
            Err(_) if deadline == Timestamp::NEVER => {}
            Err(_) => self.add(switch, deadline),
        }
    }

    fn add(&mut self, switch: Switch, deadline: Timestamp) {
        let countdown = Countdown { switch, deadline, heap_at: 0 };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = countdown;
            slot
        } else {
            self.slots.push(countdown);
            u32::try_from(self.slots.len() - 1).expect("memory ends before 2^32 switches")
        };
        let Self { slots, by_owner, .. } = self;
        by_owner.insert_unique(hash(switch), slot, |&other| hash(slots[other as usize].switch));
        self.enter(slot);
    }

    /// All switches that are on, by account and market.
    pub(crate) fn sorted(&self) -> Vec<(Switch, Timestamp)> {
        // order-free: it is sorted below.
        let all = self.by_owner.iter().map(|&slot| &self.slots[slot as usize]);
        let mut all: Vec<_> = all.map(|countdown| (countdown.switch, countdown.deadline)).collect();
        all.sort_unstable();
        all
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
