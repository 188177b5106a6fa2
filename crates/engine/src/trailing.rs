//! Trailing orders that follow the price of one market.
//!
//! Orders of one side and one delta form a group. In a group who began later has seen no better price than who began
//! before, so its orders stand in the order in which they began, in segments of one best price each, the best first. A new
//! price joins the segments at the end that it beats into one, and turns those at the front that it is far enough from:
//! the work of a price is that of one comparison a group, however many orders follow it.

use std::collections::VecDeque;

use model::Side;

use crate::orders::Orders;
use crate::seats::NONE;

/// Orders that have seen the same best price.
#[derive(Debug, Clone, Copy)]
struct Segment {
    tracked: i64,
    /// When the first of it began; it may have gone since.
    first: u64,
    head: u32,
    tail: u32,
}

#[derive(Debug)]
struct Group {
    side: Side,
    delta: u16,
    segments: VecDeque<Segment>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Trailing {
    /// By side and delta. A group that is empty stays: there are no more of them than deltas.
    groups: Vec<Group>,
    /// Orders that follow from the next trade on.
    pub(crate) fresh: Vec<u32>,
    /// Counts the orders that began to follow.
    pub(crate) activations: u64,
}

/// Whether `price` is a better one for the owner of a trailing order of this side than `tracked`.
const fn beats(side: Side, price: i64, tracked: i64) -> bool {
    match side {
        Side::Sell => price > tracked,
        Side::Buy => price < tracked,
    }
}

/// Whether `price` is far enough from the best price to trigger.
fn is_turned(side: Side, delta: u16, tracked: i64, price: i64) -> bool {
    let (price, tracked, delta) = (i128::from(price) * 10_000, i128::from(tracked), i128::from(delta));
    match side {
        // price <= floor(tracked * (10000 - delta) / 10000), and so on: for integers the same without the rounding.
        Side::Sell => price <= tracked * (10_000 - delta),
        Side::Buy => price >= tracked * (10_000 + delta),
    }
}

impl Trailing {
    fn group(&mut self, side: Side, delta: u16) -> &mut Group {
        let key = (side as u8, delta);
        let at = match self.groups.binary_search_by_key(&key, |group| (group.side as u8, group.delta)) {
            Ok(at) => at,
            Err(at) => {
                self.groups.insert(at, Group { side, delta, segments: VecDeque::new() });
                at
            }
        };
        &mut self.groups[at]
    }

    /// Gives the orders that beat what they have seen the new price.
    pub(crate) fn follow(&mut self, orders: &mut Orders, price: i64) {
        for Group { side, segments, .. } in &mut self.groups {
            let mut joined: Option<Segment> = None;
            while let Some(last) = segments.pop_back_if(|last| beats(*side, price, last.tracked)) {
                joined = Some(match joined {
                    None => Segment { tracked: price, ..last },
                    Some(later) => {
                        orders.get_mut(last.tail).next = later.head;
                        orders.get_mut(later.head).prev = last.tail;
                        Segment { tracked: price, first: last.first, head: last.head, tail: later.tail }
                    }
                });
            }
            segments.extend(joined);
        }
    }

    /// Appends the orders that the price turns, as order ids and slots.
    pub(crate) fn turned(&self, orders: &Orders, price: i64, found: &mut Vec<(u64, u32)>) {
        for Group { side, delta, segments } in &self.groups {
            let is_turned = |segment: &&Segment| is_turned(*side, *delta, segment.tracked, price);
            for segment in segments.iter().take_while(is_turned) {
                let mut slot = segment.head;
                while slot != NONE {
                    let order = orders.get(slot);
                    found.push((order.id.0, slot));
                    slot = order.next;
                }
            }
        }
    }

    /// Lets an order follow from this price on. The others have been given it before.
    pub(crate) fn begin(&mut self, orders: &mut Orders, slot: u32, price: i64) {
        self.activations += 1;
        let extra = orders.extra_mut(slot);
        extra.activation = self.activations;
        let is_last = self.append(orders, slot, price);
        debug_assert!(is_last, "the others have seen this price, or a better one");
    }

    /// Puts an order behind those that began before it; `false`, and nothing done, when it cannot have begun after them.
    pub(crate) fn append(&mut self, orders: &mut Orders, slot: u32, tracked: i64) -> bool {
        let (side, extra) = (orders.get(slot).side, *orders.extra(slot));
        let segments = &mut self.group(side, extra.trailing_delta).segments;
        let is_later = segments.back().is_none_or(|last| {
            !beats(side, tracked, last.tracked) && orders.extra(last.tail).activation < extra.activation
        });
        if !is_later {
            return false;
        }
        orders.get_mut(slot).next = NONE;
        if let Some(last) = segments.back_mut().filter(|last| last.tracked == tracked) {
            orders.get_mut(last.tail).next = slot;
            orders.get_mut(slot).prev = last.tail;
            last.tail = slot;
            return true;
        }
        orders.get_mut(slot).prev = NONE;
        segments.push_back(Segment { tracked, first: extra.activation, head: slot, tail: slot });
        true
    }

    /// Takes an order out that follows or waits for its first trade.
    pub(crate) fn remove(&mut self, orders: &mut Orders, slot: u32) {
        let (order, extra) = (*orders.get(slot), *orders.extra(slot));
        if extra.activation == 0 {
            self.fresh.retain(|&other| other != slot);
            return;
        }
        let segments = &mut self.group(order.side, extra.trailing_delta).segments;
        let Some(at) = segments.partition_point(|segment| segment.first <= extra.activation).checked_sub(1) else {
            return;
        };
        match order.prev {
            NONE => segments[at].head = order.next,
            prev => orders.get_mut(prev).next = order.next,
        }
        match order.next {
            NONE => segments[at].tail = order.prev,
            next => orders.get_mut(next).prev = order.prev,
        }
        if segments[at].head == NONE {
            segments.remove(at);
        }
    }

    /// Best price that an order has seen; zero when it has seen none.
    pub(crate) fn tracked(&self, orders: &Orders, slot: u32) -> i64 {
        let extra = orders.extra(slot);
        let key = (orders.get(slot).side as u8, extra.trailing_delta);
        let group = self.groups.binary_search_by_key(&key, |group| (group.side as u8, group.delta));
        let (Ok(group), true) = (group, extra.activation > 0) else { return 0 };
        let segments = &self.groups[group].segments;
        let at = segments.partition_point(|segment| segment.first <= extra.activation).checked_sub(1);
        at.map_or(0, |at| segments[at].tracked)
    }

    /// All orders that follow, by when they began, then those that wait for their first trade, by order id.
    pub(crate) fn sorted(&self, orders: &Orders) -> Vec<u32> {
        let mut slots = Vec::new();
        for group in &self.groups {
            for segment in &group.segments {
                let mut slot = segment.head;
                while slot != NONE {
                    slots.push(slot);
                    slot = orders.get(slot).next;
                }
            }
        }
        slots.sort_unstable_by_key(|&slot| orders.extra(slot).activation);
        let mut fresh = self.fresh.clone();
        fresh.sort_unstable_by_key(|&slot| orders.get(slot).id);
        slots.extend(fresh);
        slots
    }
}
