//! The fast book: price levels in sorted pieces with the best at the tail, orders of a level in an intrusive FIFO list.
//!
//! Most changes happen near the best price. The levels there stand in one sorted `Vec`, so that a level is found by a short
//! scan from the tail and a change moves few others. What is further away stands in pieces of bounded length, so that a
//! change far from the best, in a book of a million levels, moves few others too.

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
    sides: [Half; 2],
}

/// Levels of one side.
#[derive(Debug)]
struct Half {
    /// The best ones, the best last.
    near: Vec<Level>,
    /// The greatest key that is not in `near`.
    far_key: i64,
    /// The others in pieces, the nearest last, none of them empty; and the least key of each.
    far: Vec<Vec<Level>>,
    least: Vec<i64>,
    /// Empty pieces, kept for the next ones.
    spare: Vec<Vec<Level>>,
}

impl Default for Half {
    fn default() -> Self {
        Self { near: Vec::new(), far_key: i64::MIN, far: Vec::new(), least: Vec::new(), spare: Vec::new() }
    }
}

/// Levels that are scanned from the best on before the search goes binary.
const SCAN: usize = 6;
/// Most levels of a piece; one that is full is split in two.
const PIECE: usize = 128;

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

const MISSING: &str = "an open order stands at a level of its price";

impl Half {
    /// The level of a key that is there.
    #[inline]
    fn level(&mut self, key: i64) -> &mut Level {
        if key > self.far_key {
            let at = position(&self.near, key).expect(MISSING);
            return &mut self.near[at];
        }
        let piece = self.piece(key);
        let at = position(&self.far[piece], key).expect(MISSING);
        &mut self.far[piece][at]
    }

    /// The piece in which a key that is not near stands, or would stand.
    fn piece(&self, key: i64) -> usize {
        self.least.partition_point(|&least| least <= key).saturating_sub(1)
    }

    /// The level of a key, for an order that joins it; `None` when it was made with that order alone.
    #[inline]
    fn join(&mut self, key: i64, alone: Level) -> Option<&mut Level> {
        if key <= self.far_key {
            return self.join_far(key, alone);
        }
        match position(&self.near, key) {
            Ok(at) => Some(&mut self.near[at]),
            Err(at) => {
                self.near.insert(at, alone);
                if self.near.len() >= PIECE {
                    self.part();
                }
                None
            }
        }
    }

    #[cold]
    fn join_far(&mut self, key: i64, alone: Level) -> Option<&mut Level> {
        let piece = self.piece(key);
        match position(&self.far[piece], key) {
            Ok(at) => Some(&mut self.far[piece][at]),
            Err(at) => {
                self.far[piece].insert(at, alone);
                self.least[piece] = self.far[piece][0].key;
                if self.far[piece].len() >= PIECE {
                    let mut upper = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(PIECE));
                    upper.extend(self.far[piece].drain(PIECE / 2..));
                    self.least.insert(piece + 1, upper[0].key);
                    self.far.insert(piece + 1, upper);
                }
                None
            }
        }
    }

    /// Puts the worse half of the near levels into a piece of their own.
    #[cold]
    fn part(&mut self) {
        let mut piece = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(PIECE));
        piece.extend(self.near.drain(..PIECE / 2));
        self.far_key = piece[piece.len() - 1].key;
        self.least.push(piece[0].key);
        self.far.push(piece);
    }

    /// Removes the level of a key, on which nothing rests any more.
    #[inline]
    fn remove(&mut self, key: i64) {
        if key <= self.far_key {
            return self.remove_far(key);
        }
        let at = position(&self.near, key).expect(MISSING);
        self.near.remove(at);
        if self.near.is_empty() && !self.far.is_empty() {
            self.approach();
        }
    }

    #[cold]
    fn remove_far(&mut self, key: i64) {
        let piece = self.piece(key);
        let levels = &mut self.far[piece];
        let at = position(levels, key).expect(MISSING);
        levels.remove(at);
        if let Some(first) = levels.first() {
            self.least[piece] = first.key;
        } else {
            let empty = self.far.remove(piece);
            self.spare.push(empty);
            self.least.remove(piece);
        }
        self.far_key = self.far.last().and_then(|piece| piece.last()).map_or(i64::MIN, |level| level.key);
    }

    /// Makes the best of the pieces the near levels.
    #[cold]
    fn approach(&mut self) {
        if let Some(mut piece) = self.far.pop() {
            self.least.pop();
            std::mem::swap(&mut self.near, &mut piece);
            self.spare.push(piece);
        }
        self.far_key = self.far.last().and_then(|piece| piece.last()).map_or(i64::MIN, |level| level.key);
    }

    /// All levels, the best first.
    fn iter(&self) -> impl Iterator<Item = &Level> {
        self.near.iter().rev().chain(self.far.iter().rev().flat_map(|piece| piece.iter().rev()))
    }
}

#[allow(private_interfaces, reason = "the trait is sealed")]
impl Book for Levels {
    #[inline]
    fn push(&mut self, orders: &mut Orders, slot: u32, side: Side) {
        let order = orders.get_mut(slot);
        let key = key(side, order.price);
        let quantity = order.remaining();
        order.next = NONE;
        order.prev = NONE;
        let alone = Level { key, quantity, head: slot, tail: slot };
        if let Some(level) = self.sides[side as usize].join(key, alone) {
            level.quantity += quantity;
            let tail = std::mem::replace(&mut level.tail, slot);
            order.prev = tail;
            orders.get_mut(tail).next = slot;
        }
    }

    #[inline]
    fn remove(&mut self, orders: &mut Orders, slot: u32, side: Side) {
        let order = *orders.get(slot);
        let key = key(side, order.price);
        let levels = &mut self.sides[side as usize];
        if order.prev == NONE && order.next == NONE {
            return levels.remove(key);
        }
        let level = levels.level(key);
        level.quantity -= order.remaining();
        match order.prev {
            NONE => level.head = order.next,
            prev => orders.get_mut(prev).next = order.next,
        }
        match order.next {
            NONE => level.tail = order.prev,
            next => orders.get_mut(next).prev = order.prev,
        }
    }

    #[inline]
    fn reduce(&mut self, orders: &mut Orders, slot: u32, side: Side, shown: i64, hidden: i64) {
        let order = orders.get_mut(slot);
        order.shown -= shown;
        order.hidden -= hidden;
        self.sides[side as usize].level(key(side, order.price)).quantity -= shown + hidden;
    }

    #[inline]
    fn best(&self, _orders: &Orders, side: Side) -> Option<u32> {
        self.sides[side as usize].near.last().map(|level| level.head)
    }

    fn walk_levels(&self, _orders: &Orders, side: Side, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>) {
        for level in self.sides[side as usize].iter() {
            let price = if side == Side::Buy { level.key } else { -level.key };
            if visit(price, level.quantity).is_break() {
                return;
            }
        }
    }

    fn walk_orders(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(u32) -> ControlFlow<()>) {
        for level in self.sides[side as usize].iter() {
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
