//! Open order lists, with indices by list id and by client id.

use hashbrown::HashTable;
use model::{AccountId, ClientOrderId, ListId, ListKind, MarketId, OrderId};

use crate::orders::hash_client;
use crate::seats::NONE;

/// An open order list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) id: ListId,
    pub(crate) kind: ListKind,
    pub(crate) account: AccountId,
    pub(crate) market: MarketId,
    pub(crate) client_id: ClientOrderId,
    pub(crate) orders: [OrderId; 3],
    /// Slots of its open orders; [`NONE`] for those that are gone.
    pub(crate) legs: [u32; 3],
}

impl List {
    /// The other open order of the pair that this one belongs to.
    pub(crate) fn partner(&self, slot: u32) -> Option<u32> {
        let pair = match self.kind {
            ListKind::Oco => [self.legs[0], self.legs[1]],
            ListKind::Otoco => [self.legs[1], self.legs[2]],
            ListKind::Oto => return None,
        };
        let other = if pair[0] == slot { pair[1] } else { pair[0] };
        (pair.contains(&slot) && other != NONE).then_some(other)
    }

    /// Whether the order is the working one, whose fill lets the others go.
    pub(crate) fn is_working(&self, slot: u32) -> bool {
        self.kind != ListKind::Oco && self.legs[0] == slot
    }

    /// Its open orders, in the order of the list.
    pub(crate) fn open(&self) -> impl Iterator<Item = u32> + use<> {
        self.legs.into_iter().filter(|&slot| slot != NONE)
    }
}

/// All open lists.
#[derive(Debug)]
pub(crate) struct Lists {
    lists: Vec<List>,
    /// Free slots.
    free: Vec<u32>,
    by_id: HashTable<u32>,
    by_client: HashTable<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { lists: Vec::new(), free: Vec::new(), by_id: HashTable::new(), by_client: HashTable::new() }
    }
}

fn hash_id(id: ListId) -> u64 {
    model::spread(id.0)
}

impl Lists {
    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &List {
        &self.lists[slot as usize]
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut List {
        &mut self.lists[slot as usize]
    }

    pub(crate) fn find(&self, id: ListId) -> Option<u32> {
        self.by_id.find(hash_id(id), |&slot| self.get(slot).id == id).copied()
    }

    pub(crate) fn find_client(&self, account: AccountId, client_id: &ClientOrderId) -> Option<u32> {
        let is_it = |&slot: &u32| self.get(slot).account == account && self.get(slot).client_id == *client_id;
        self.by_client.find(hash_client(account, client_id), is_it).copied()
    }

    /// Takes a list in; its orders are set as they are inserted.
    pub(crate) fn insert(&mut self, list: List) -> u32 {
        let slot = if let Some(slot) = self.free.pop() {
            self.lists[slot as usize] = list;
            slot
        } else {
            self.lists.push(list);
            u32::try_from(self.lists.len() - 1).expect("memory ends before 2^32 open lists")
        };
        let Self { lists, by_id, by_client, .. } = self;
        by_id.insert_unique(hash_id(list.id), slot, |&other| hash_id(lists[other as usize].id));
        if !list.client_id.is_empty() {
            let hash_of = |list: &List| hash_client(list.account, &list.client_id);
            by_client.insert_unique(hash_of(&list), slot, |&other| hash_of(&lists[other as usize]));
        }
        slot
    }

    /// Gives a list up.
    pub(crate) fn remove(&mut self, slot: u32) {
        let list = *self.get(slot);
        if let Ok(entry) = self.by_id.find_entry(hash_id(list.id), |&other| other == slot) {
            entry.remove();
        }
        if let Ok(entry) = self.by_client.find_entry(hash_client(list.account, &list.client_id), |&other| other == slot)
        {
            entry.remove();
        }
        self.free.push(slot);
    }

    /// All open lists, by id.
    pub(crate) fn sorted(&self) -> Vec<List> {
        // order-free: it is sorted below.
        let mut all: Vec<List> = self.by_id.iter().map(|&slot| *self.get(slot)).collect();
        all.sort_unstable_by_key(|list| list.id);
        all
    }
}
