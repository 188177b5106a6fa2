//! The naive book: one list in order of arrival, scanned for everything. Plainly right, and the measure of the fast one.

use std::ops::ControlFlow;

use model::Side;

use super::{Book, better};
use crate::orders::Orders;

/// See the module.
#[derive(Debug, Default)]
pub struct Naive {
    arrivals: Vec<(Side, u32)>,
}

impl Naive {
    fn of(&self, side: Side) -> impl Iterator<Item = u32> {
        self.arrivals.iter().filter(move |(other, _)| *other == side).map(|&(_, slot)| slot)
    }

    /// Slots of a side, best price first, then first come first.
    fn sorted(&self, orders: &Orders, side: Side) -> Vec<u32> {
        let mut slots: Vec<u32> = self.of(side).collect();
        // Stable: equal prices stay in order of arrival.
        slots.sort_by(|&a, &b| {
            let (a, b) = (orders.get(a).price, orders.get(b).price);
            if side == Side::Buy { b.cmp(&a) } else { a.cmp(&b) }
        });
        slots
    }
}

#[allow(private_interfaces, reason = "the trait is sealed")]
impl Book for Naive {
    fn push(&mut self, _orders: &mut Orders, slot: u32, side: Side) {
        self.arrivals.push((side, slot));
    }

    fn remove(&mut self, _orders: &mut Orders, slot: u32, _side: Side) {
        self.arrivals.retain(|&(_, other)| other != slot);
    }

    fn reduce(&mut self, orders: &mut Orders, slot: u32, _side: Side, shown: i64, hidden: i64) {
        let order = orders.get_mut(slot);
        order.shown -= shown;
        order.hidden -= hidden;
    }

    fn best(&self, orders: &Orders, side: Side) -> Option<u32> {
        let mut best: Option<u32> = None;
        for slot in self.of(side) {
            if best.is_none_or(|found| better(side, orders.get(slot).price, orders.get(found).price)) {
                best = Some(slot);
            }
        }
        best
    }

    fn walk_levels(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>) {
        let slots = self.sorted(orders, side);
        for level in slots.chunk_by(|&a, &b| orders.get(a).price == orders.get(b).price) {
            let quantity = level.iter().map(|&slot| orders.get(slot).remaining()).sum();
            if visit(orders.get(level[0]).price, quantity).is_break() {
                return;
            }
        }
    }

    fn walk_orders(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(u32) -> ControlFlow<()>) {
        for slot in self.sorted(orders, side) {
            if visit(slot).is_break() {
                return;
            }
        }
    }
}
