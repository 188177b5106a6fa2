//! Which open order ends next by time: a binary heap of slots that knows where each of its orders stands, so that an order
//! that goes early leaves it at once, and nothing is allocated while orders come and go.

use model::{OrderId, Timestamp};

use crate::orders::Orders;
use crate::seats::NONE;

/// Slots of the orders with a deadline, the earliest first.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    heap: Vec<u32>,
}

/// What orders the heap: the deadline, then the order id.
fn key(orders: &Orders, slot: u32) -> (u64, OrderId) {
    (orders.extra(slot).expire_at, orders.get(slot).id)
}

impl Deadlines {
    /// The order that ends next.
    pub(crate) fn first(orders: &Orders) -> Option<(Timestamp, u32)> {
        let slot = *orders.deadlines.heap.first()?;
        Some((Timestamp(orders.extra(slot).expire_at), slot))
    }

    pub(crate) fn push(orders: &mut Orders, slot: u32) {
        orders.deadlines.heap.push(slot);
        let last = orders.deadlines.heap.len() - 1;
        place(orders, last, slot);
        rise(orders, last);
    }

    /// Takes an order out; it must be in.
    pub(crate) fn remove(orders: &mut Orders, slot: u32) {
        let at = orders.extra(slot).heap_at as usize;
        orders.extra_mut(slot).heap_at = NONE;
        let Some(last) = orders.deadlines.heap.pop() else { return };
        if last == slot {
            return;
        }
        place(orders, at, last);
        sink(orders, at);
        rise(orders, at);
    }
}

fn place(orders: &mut Orders, at: usize, slot: u32) {
    orders.deadlines.heap[at] = slot;
    orders.extra_mut(slot).heap_at = u32::try_from(at).expect("there are fewer than 2^32 open orders");
}

fn swap(orders: &mut Orders, a: usize, b: usize) {
    let (first, second) = (orders.deadlines.heap[a], orders.deadlines.heap[b]);
    place(orders, a, second);
    place(orders, b, first);
}

fn rise(orders: &mut Orders, mut at: usize) {
    while at > 0 {
        let parent = (at - 1) / 2;
        let heap = &orders.deadlines.heap;
        if key(orders, heap[parent]) <= key(orders, heap[at]) {
            return;
        }
        swap(orders, at, parent);
        at = parent;
    }
}

fn sink(orders: &mut Orders, mut at: usize) {
    loop {
        let heap = &orders.deadlines.heap;
        let children = (2 * at + 1)..(2 * at + 3).min(heap.len());
        let Some(least) = children.min_by_key(|&child| key(orders, heap[child])) else { return };
        if key(orders, heap[at]) <= key(orders, heap[least]) {
            return;
        }
        swap(orders, at, least);
        at = least;
    }
}
