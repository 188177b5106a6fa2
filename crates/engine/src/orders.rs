//! The pool of open orders, with indices by order id and by client id.

use hashbrown::HashTable;
use model::{AccountId, ClientOrderId, MarketId, Mixer, OrderId, OrderType, SelfTrade, Side};

use crate::seats::{NONE, Seats};

/// What matching touches of an open order: one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) price: i64,
    pub(crate) remaining: i64,
    pub(crate) filled_quote: i64,
    pub(crate) seat: u32,
    /// Neighbours at the same price; in a free node, `next` is the next free one.
    pub(crate) next: u32,
    pub(crate) prev: u32,
    /// Neighbours in the list of the seat.
    pub(crate) own_next: u32,
    pub(crate) own_prev: u32,
    /// Maker fee, frozen at placement.
    pub(crate) maker_ppm: u32,
    pub(crate) market: MarketId,
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    pub(crate) self_trade: SelfTrade,
    pub(crate) has_client_id: bool,
}

const _: () = assert!(size_of::<Order>() == 64);

/// What matching does not touch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detail {
    pub(crate) quantity: i64,
    pub(crate) placed: u64,
    pub(crate) updated: u64,
    pub(crate) client_id: ClientOrderId,
}

/// All open orders of all markets.
#[derive(Debug)]
pub(crate) struct Orders {
    nodes: Vec<Order>,
    details: Vec<Detail>,
    free: u32,
    len: usize,
    by_id: HashTable<u32>,
    by_client: HashTable<u32>,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            details: Vec::new(),
            free: NONE,
            len: 0,
            by_id: HashTable::new(),
            by_client: HashTable::new(),
        }
    }
}

#[inline]
fn hash_id(id: OrderId) -> u64 {
    id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn hash_client(account: AccountId, client_id: &ClientOrderId) -> u64 {
    let words = client_id.words();
    let mut mixer = Mixer::new();
    mixer.pair(u64::from(account.0), words[0]);
    mixer.pair(words[1], words[2]);
    mixer.pair(words[3], words[4]);
    mixer.value()
}

impl Orders {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Order {
        &self.nodes[slot as usize]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Order {
        &mut self.nodes[slot as usize]
    }

    #[inline]
    pub(crate) fn detail(&self, slot: u32) -> &Detail {
        &self.details[slot as usize]
    }

    #[inline]
    pub(crate) fn detail_mut(&mut self, slot: u32) -> &mut Detail {
        &mut self.details[slot as usize]
    }

    #[inline]
    pub(crate) fn find(&self, id: OrderId) -> Option<u32> {
        self.by_id.find(hash_id(id), |&slot| self.nodes[slot as usize].id == id).copied()
    }

    pub(crate) fn find_client(&self, seats: &Seats, account: AccountId, client_id: &ClientOrderId) -> Option<u32> {
        let is_it = |&slot: &u32| {
            self.details[slot as usize].client_id == *client_id
                && seats.get(self.nodes[slot as usize].seat).account == account
        };
        self.by_client.find(hash_client(account, client_id), is_it).copied()
    }

    /// Takes an order in: into the pool, the indices and its seat's list. The caller links it into the book.
    pub(crate) fn insert(&mut self, seats: &mut Seats, order: Order, detail: Detail) -> u32 {
        let slot = if self.free == NONE {
            let slot = u32::try_from(self.nodes.len()).expect("memory ends before 2^32 open orders");
            self.nodes.push(order);
            self.details.push(detail);
            slot
        } else {
            let slot = self.free;
            self.free = self.nodes[slot as usize].next;
            self.nodes[slot as usize] = order;
            self.details[slot as usize] = detail;
            slot
        };
        self.len += 1;
        let Self { nodes, details, by_id, by_client, .. } = self;
        by_id.insert_unique(hash_id(order.id), slot, |&other| hash_id(nodes[other as usize].id));
        if order.has_client_id {
            let account_of = |slot: u32| seats.get(nodes[slot as usize].seat).account;
            by_client.insert_unique(hash_client(account_of(slot), &detail.client_id), slot, |&other| {
                hash_client(account_of(other), &details[other as usize].client_id)
            });
        }
        let seat = seats.get_mut(order.seat);
        seat.open_orders += 1;
        let last = std::mem::replace(&mut seat.last, slot);
        if last == NONE {
            seat.first = slot;
        } else {
            self.nodes[last as usize].own_next = slot;
        }
        let node = &mut self.nodes[slot as usize];
        node.own_prev = last;
        node.own_next = NONE;
        slot
    }

    /// Gives an order up. The caller has unlinked it from the book.
    pub(crate) fn remove(&mut self, seats: &mut Seats, slot: u32) {
        let order = self.nodes[slot as usize];
        if let Ok(entry) = self.by_id.find_entry(hash_id(order.id), |&other| other == slot) {
            entry.remove();
        }
        let seat = seats.get_mut(order.seat);
        if order.has_client_id {
            let hash_value = hash_client(seat.account, &self.details[slot as usize].client_id);
            if let Ok(entry) = self.by_client.find_entry(hash_value, |&other| other == slot) {
                entry.remove();
            }
        }
        seat.open_orders -= 1;
        match order.own_prev {
            NONE => seat.first = order.own_next,
            prev => self.nodes[prev as usize].own_next = order.own_next,
        }
        match order.own_next {
            NONE => seat.last = order.own_prev,
            next => self.nodes[next as usize].own_prev = order.own_prev,
        }
        self.nodes[slot as usize].next = self.free;
        self.free = slot;
        self.len -= 1;
    }
}
