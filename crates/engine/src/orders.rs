//! The pool of open orders, with indices by order id and by client id.

use hashbrown::HashTable;
use model::{AccountId, ClientOrderId, Mixer, OrderId, OrderType, SelfTrade, Side, TimeInForce, Wait};

use crate::heap::Heap;
use crate::seats::{NONE, Seats};

/// What matching touches of an open order: one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    /// Where it stands: its limit in the book, its stop price while it waits for that.
    pub(crate) price: i64,
    /// What is open and shown. All that is open while the order is not in the book.
    pub(crate) shown: i64,
    /// What is open and hidden.
    pub(crate) hidden: i64,
    pub(crate) seat: u32,
    /// Neighbours at the same price; in a free node, `next` is the next free one.
    pub(crate) next: u32,
    pub(crate) prev: u32,
    /// Neighbours in the list of the seat.
    pub(crate) own_next: u32,
    pub(crate) own_prev: u32,
    /// Maker fee, frozen at placement.
    pub(crate) maker_ppm: i32,
    /// Slot of its order list.
    pub(crate) list: u32,
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    pub(crate) wait: Wait,
    pub(crate) has_client_id: bool,
}

const _: () = assert!(size_of::<Order>() == 64);

impl Order {
    /// What is open.
    #[inline]
    pub(crate) const fn remaining(&self) -> i64 {
        self.shown + self.hidden
    }
}

/// What matching does not touch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detail {
    pub(crate) quantity: i64,
    pub(crate) filled_quote: i64,
    pub(crate) placed: u64,
    pub(crate) updated: u64,
    /// Taker fee, frozen at placement.
    pub(crate) taker_ppm: i32,
    /// Slot of what only few orders have.
    pub(crate) extra: u32,
    pub(crate) self_trade: SelfTrade,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) client_id: ClientOrderId,
}

/// What only few orders have: those that wait, are shown in parts, end at a time, or were prevented from trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extra {
    pub(crate) stop_price: i64,
    /// Limit of an order that is not in the book; zero for one without.
    pub(crate) limit: i64,
    pub(crate) iceberg: i64,
    pub(crate) expire_at: u64,
    /// What is held while the order waits, and the price that it is held at: its limit, or what stands in for one.
    pub(crate) held: i64,
    pub(crate) priced_at: i64,
    /// What self-trade prevention took off.
    pub(crate) prevented: i64,
    /// When it began to follow, as a number that rises in each market.
    pub(crate) activation: u64,
    /// Place in the heap of deadlines.
    pub(crate) heap_at: u32,
    pub(crate) trailing_delta: u16,
    /// Whether it has not entered since it was placed, because its list's working order is not filled.
    pub(crate) pending: bool,
}

impl Extra {
    pub(crate) const PLAIN: Self = Self {
        stop_price: 0,
        limit: 0,
        iceberg: 0,
        expire_at: 0,
        held: 0,
        priced_at: 0,
        prevented: 0,
        activation: 0,
        heap_at: NONE,
        trailing_delta: 0,
        pending: false,
    };
}

/// All open orders of all markets.
#[derive(Debug)]
pub(crate) struct Orders {
    nodes: Vec<Order>,
    details: Vec<Detail>,
    extras: Vec<Extra>,
    free: u32,
    /// Free extras, as a list through `heap_at`.
    free_extra: u32,
    len: usize,
    by_id: HashTable<u32>,
    by_client: HashTable<u32>,
    /// Slots of the orders that end at a time, as a [`Heap`].
    deadlines: Vec<u32>,
}

/// The orders that end at a time, the earliest first, at one time by order id.
impl Heap for Orders {
    type Key = (u64, OrderId);

    fn heap(&self) -> &[u32] {
        &self.deadlines
    }

    fn heap_mut(&mut self) -> &mut Vec<u32> {
        &mut self.deadlines
    }

    fn key(&self, slot: u32) -> (u64, OrderId) {
        (self.extra(slot).expire_at, self.get(slot).id)
    }

    fn place(&self, slot: u32) -> u32 {
        self.extra(slot).heap_at
    }

    fn set_place(&mut self, slot: u32, at: u32) {
        self.extra_mut(slot).heap_at = at;
    }
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            details: Vec::new(),
            extras: Vec::new(),
            free: NONE,
            free_extra: NONE,
            len: 0,
            by_id: HashTable::new(),
            by_client: HashTable::new(),
            deadlines: Vec::new(),
        }
    }
}

#[inline]
fn hash_id(id: OrderId) -> u64 {
    id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

pub(crate) fn hash_client(account: AccountId, client_id: &ClientOrderId) -> u64 {
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

    /// What only few orders have; the plain values for the others.
    #[inline]
    pub(crate) fn extra(&self, slot: u32) -> &Extra {
        self.extras.get(self.details[slot as usize].extra as usize).unwrap_or(&Extra::PLAIN)
    }

    /// The same to be changed; made when the order has none yet.
    pub(crate) fn extra_mut(&mut self, slot: u32) -> &mut Extra {
        if self.details[slot as usize].extra == NONE {
            self.details[slot as usize].extra = self.add_extra(Extra::PLAIN);
        }
        &mut self.extras[self.details[slot as usize].extra as usize]
    }

    fn add_extra(&mut self, extra: Extra) -> u32 {
        let slot = self.free_extra;
        if slot == NONE {
            self.extras.push(extra);
            return u32::try_from(self.extras.len() - 1).expect("memory ends before 2^32 open orders");
        }
        self.free_extra = self.extras[slot as usize].heap_at;
        self.extras[slot as usize] = extra;
        slot
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

    /// Slots of all open orders, by order id.
    pub(crate) fn by_order_id(&self) -> Vec<u32> {
        // order-free: it is sorted below.
        let mut slots: Vec<u32> = self.by_id.iter().copied().collect();
        slots.sort_unstable_by_key(|&slot| self.nodes[slot as usize].id);
        slots
    }

    /// Takes an order in: into the pool, the indices and its seat's list. The caller links it into the book.
    pub(crate) fn insert(&mut self, seats: &mut Seats, order: Order, detail: Detail, extra: Option<Extra>) -> u32 {
        let detail = Detail { extra: extra.map_or(NONE, |extra| self.add_extra(extra)), ..detail };
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
        let Self { nodes, by_id, .. } = self;
        by_id.insert_unique(hash_id(order.id), slot, |&other| hash_id(nodes[other as usize].id));
        if order.has_client_id {
            self.index_client(seats, slot);
        }
        if extra.is_some_and(|extra| extra.expire_at != 0) {
            self.enter(slot);
        }
        let seat = seats.get_mut(order.seat);
        seat.open_orders += 1;
        seat.algo_orders += u32::from(order.order_type.is_contingent());
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

    fn index_client(&mut self, seats: &Seats, slot: u32) {
        let Self { nodes, details, by_client, .. } = self;
        let hash_of =
            |slot: u32| hash_client(seats.get(nodes[slot as usize].seat).account, &details[slot as usize].client_id);
        by_client.insert_unique(hash_of(slot), slot, |&other| hash_of(other));
    }

    fn forget_client(&mut self, account: AccountId, slot: u32) {
        let hash_value = hash_client(account, &self.details[slot as usize].client_id);
        if let Ok(entry) = self.by_client.find_entry(hash_value, |&other| other == slot) {
            entry.remove();
        }
    }

    /// Gives an open order another client id.
    pub(crate) fn rename(&mut self, seats: &Seats, slot: u32, client_id: ClientOrderId) {
        if self.nodes[slot as usize].has_client_id {
            self.forget_client(seats.get(self.nodes[slot as usize].seat).account, slot);
        }
        self.details[slot as usize].client_id = client_id;
        self.nodes[slot as usize].has_client_id = !client_id.is_empty();
        if !client_id.is_empty() {
            self.index_client(seats, slot);
        }
    }

    /// Gives an order up. The caller has unlinked it from wherever it stood.
    pub(crate) fn remove(&mut self, seats: &mut Seats, slot: u32) {
        let order = self.nodes[slot as usize];
        if let Ok(entry) = self.by_id.find_entry(hash_id(order.id), |&other| other == slot) {
            entry.remove();
        }
        if order.has_client_id {
            self.forget_client(seats.get(order.seat).account, slot);
        }
        let extra = self.details[slot as usize].extra;
        if extra != NONE {
            if self.extras[extra as usize].heap_at != NONE {
                self.leave(slot);
            }
            self.extras[extra as usize].heap_at = self.free_extra;
            self.free_extra = extra;
        }
        let seat = seats.get_mut(order.seat);
        seat.open_orders -= 1;
        seat.algo_orders -= u32::from(order.order_type.is_contingent());
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
