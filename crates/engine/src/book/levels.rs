//! The fast book: price levels in a sorted `Vec` with the best at the tail, orders of a level in an intrusive FIFO list.
//!
//! Most changes happen near the best price, so they move few levels; a level is found by a short scan from the tail and
//! by binary search further away.

use std::ops::ControlFlow;

use model::Side;

use super::Book;
use crate::orders::Orders;
use crate::seats::NONE;

/// Orders at one price.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// Price of a bid, negated price of an ask: so that the best is the greatest on both sides.
    key: i64,
    /// All that rests here, hidden parts included.
    quantity: i64,
    head: u32,
    tail: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Levels {
    sides: [Vec<Level>; 2],
}

/// Levels that are scanned from the best on before the search goes binary.
const SCAN: usize = 6;

const fn key(side: Side, price: i64) -> i64 {
    match side {
        Side::Buy => price,
        Side::Sell => -price,
    }
}

/// Position of the key, or where it would stand.
#[inline]
fn position(levels: &[Level], key: i64) -> Result<usize, usize> {
    let floor = levels.len().saturating_sub(SCAN);
    for at in (floor..levels.len()).rev() {
        if levels[at].key <= key {
            return if levels[at].key == key { Ok(at) } else { Err(at + 1) };
        }
    }
    levels[..floor].binary_search_by_key(&key, |level| level.key)
}

#[allow(private_interfaces, reason = "the trait is sealed")]
impl Book for Levels {
    #[inline]
    fn push(&mut self, orders: &mut Orders, slot: u32, side: Side) {
        let order = orders.get_mut(slot);
        let levels = &mut self.sides[side as usize];
        let key = key(side, order.price);
        let quantity = order.remaining();
        order.next = NONE;
        match position(levels, key) {
            Ok(at) => {
                let level = &mut levels[at];
                level.quantity += quantity;
                let tail = std::mem::replace(&mut level.tail, slot);
                order.prev = tail;
                orders.get_mut(tail).next = slot;
            }
            Err(at) => {
                order.prev = NONE;
                levels.insert(at, Level { key, quantity, head: slot, tail: slot });
            }
        }
    }

    #[inline]
    fn remove(&mut self, orders: &mut Orders, slot: u32, side: Side) {
        let order = *orders.get(slot);
        let levels = &mut self.sides[side as usize];
        let at = position(levels, key(side, order.price)).expect("an open order stands at a level of its price");
        let level = &mut levels[at];
        level.quantity -= order.remaining();
        match order.prev {
            NONE => level.head = order.next,
            prev => orders.get_mut(prev).next = order.next,
        }
        match order.next {
            NONE => level.tail = order.prev,
            next => orders.get_mut(next).prev = order.prev,
        }
        if level.head == NONE {
            levels.remove(at);
        }
    }

    #[inline]
    fn reduce(&mut self, orders: &mut Orders, slot: u32, side: Side, shown: i64, hidden: i64) {
        let order = orders.get_mut(slot);
        order.shown -= shown;
        order.hidden -= hidden;
        let levels = &mut self.sides[side as usize];
        let at = position(levels, key(side, order.price)).expect("an open order stands at a level of its price");
        levels[at].quantity -= shown + hidden;
    }

    #[inline]
    fn best(&self, _orders: &Orders, side: Side) -> Option<u32> {
        self.sides[side as usize].last().map(|level| level.head)
    }

    fn walk_levels(&self, _orders: &Orders, side: Side, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>) {
        for level in self.sides[side as usize].iter().rev() {
            let price = if side == Side::Buy { level.key } else { -level.key };
            if visit(price, level.quantity).is_break() {
                return;
            }
        }
    }

    fn walk_orders(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(u32) -> ControlFlow<()>) {
        for level in self.sides[side as usize].iter().rev() {
            let mut slot = level.head;
            while slot != NONE {
                if visit(slot).is_break() {
                    return;
                }
                slot = orders.get(slot).next;
            }
        }
    }
}
