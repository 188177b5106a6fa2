use std::{collections::VecDeque, hash::BuildHasher};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use model::{AccountId, ClientOrderId, MarketId, OrderId, Sequence};

use crate::OrderView;

/// Place of an order in the list of all.
pub(crate) type Slot = u32;

/// An order and its place in its account's list of open orders.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) view: OrderView,
    pub(crate) position: u32,
}

/// All open orders and the latest closed ones, found by id and by client id.
#[derive(Debug)]
pub(crate) struct Orders {
    entries: Vec<Option<Entry>>,
    free: Vec<Slot>,
    by_id: HashMap<OrderId, Slot>,
    /// The latest order of each client id. The table holds only slots: an id is compared where the order is.
    by_client: HashTable<Slot>,
    hasher: DefaultHashBuilder,
    closed: VecDeque<(Sequence, OrderId)>,
    pub(crate) closed_limit: usize,
}

fn client_hash(hasher: &DefaultHashBuilder, account: AccountId, market: MarketId, client_id: &ClientOrderId) -> u64 {
    hasher.hash_one((account, market, client_id.words()))
}

impl Orders {
    pub(crate) fn new(closed_limit: usize) -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            by_client: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            closed: VecDeque::new(),
            closed_limit,
        }
    }

    /// Takes in an open order; `None` when there are more than 2^32.
    pub(crate) fn insert(&mut self, view: OrderView, position: u32) -> Option<Slot> {
        let entry = Some(Entry { view, position });
        let slot = match self.free.pop() {
            Some(slot) => {
                self.entries[slot as usize] = entry;
                slot
            }
            None => {
                self.entries.push(entry);
                Slot::try_from(self.entries.len() - 1).ok()?
            }
        };
        self.by_id.insert(view.order, slot);
        if !view.client_id.is_empty() {
            self.name(&view, slot);
        }
        Some(slot)
    }

    fn name(&mut self, view: &OrderView, slot: Slot) {
        let Self { entries, by_client, hasher, .. } = self;
        let key = |slot: Slot| entries.get(slot as usize).and_then(Option::as_ref).map(|entry| &entry.view);
        let same = |other: &OrderView| {
            other.account == view.account && other.market == view.market && other.client_id == view.client_id
        };
        let hash = client_hash(hasher, view.account, view.market, &view.client_id);
        let rehash =
            |&slot: &Slot| key(slot).map_or(0, |view| client_hash(hasher, view.account, view.market, &view.client_id));
        match by_client.entry(hash, |&slot| key(slot).is_some_and(same), rehash) {
            hashbrown::hash_table::Entry::Occupied(mut named) => *named.get_mut() = slot,
            hashbrown::hash_table::Entry::Vacant(free) => {
                free.insert(slot);
            }
        }
    }

    /// Gives an order another client id.
    pub(crate) fn rename(&mut self, slot: Slot, client_id: ClientOrderId) {
        let Some(entry) = self.entry_mut(slot) else { return };
        if entry.view.client_id == client_id {
            return;
        }
        let old = entry.view;
        entry.view.client_id = client_id;
        let new = entry.view;
        self.unname(&old, slot);
        if !client_id.is_empty() {
            self.name(&new, slot);
        }
    }

    /// A later order of the same name stays.
    fn unname(&mut self, view: &OrderView, slot: Slot) {
        let hash = client_hash(&self.hasher, view.account, view.market, &view.client_id);
        if let Ok(named) = self.by_client.find_entry(hash, |&named| named == slot) {
            named.remove();
        }
    }

    #[inline]
    pub(crate) fn slot(&self, order: OrderId) -> Option<Slot> {
        self.by_id.get(&order).copied()
    }

    #[inline]
    pub(crate) fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot as usize)?.as_ref()
    }

    #[inline]
    pub(crate) fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        self.entries.get_mut(slot as usize)?.as_mut()
    }

    pub(crate) fn by_client(
        &self,
        account: AccountId,
        market: MarketId,
        client_id: &ClientOrderId,
    ) -> Option<&OrderView> {
        let hash = client_hash(&self.hasher, account, market, client_id);
        let same = |&slot: &Slot| {
            self.entry(slot).is_some_and(|entry| {
                entry.view.account == account && entry.view.market == market && entry.view.client_id == *client_id
            })
        };
        self.by_client.find(hash, same).and_then(|&slot| self.entry(slot)).map(|entry| &entry.view)
    }

    /// Keeps an order that has closed for a while.
    pub(crate) fn closed(&mut self, order: OrderId, sequence: Sequence) {
        self.closed.push_back((sequence, order));
        while self.closed.len() > self.closed_limit {
            self.drop_oldest();
        }
    }

    pub(crate) fn closed_count(&self) -> usize {
        self.closed.len()
    }

    /// Drops at most `most` closed orders that ended up to the sequence; whether there are more.
    pub(crate) fn forget_until(&mut self, sequence: Sequence, most: usize) -> bool {
        let due = |closed: &VecDeque<(Sequence, OrderId)>| closed.front().is_some_and(|&(ended, _)| ended <= sequence);
        for _ in 0..most {
            if !due(&self.closed) {
                return false;
            }
            self.drop_oldest();
        }
        due(&self.closed)
    }

    fn drop_oldest(&mut self) {
        let Some((_, order)) = self.closed.pop_front() else { return };
        let Some(slot) = self.by_id.remove(&order) else { return };
        let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::take) else { return };
        self.free.push(slot);
        if !entry.view.client_id.is_empty() {
            self.unname(&entry.view, slot);
        }
    }
}
