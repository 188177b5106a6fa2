//! One market's order book: which open order is next to trade.

mod levels;
mod naive;

use std::ops::ControlFlow;

use model::{Side, Trigger};

use crate::orders::Orders;
pub use levels::Levels;
pub use naive::Naive;

/// Price-time priority over the orders of one market. Orders themselves stand in the pool; a book keeps their order.
///
/// An order stands on a side at its [`crate::orders::Order::price`]. Orders that wait for their stop price stand in a book of
/// their own, whose sides are the ways in which a price can move (see [`stop_side`]).
///
/// Sealed by its crate-private argument types: the engine has two, [`Levels`] and [`Naive`], and every test runs on both.
#[allow(private_interfaces, reason = "the trait is sealed: only this crate implements and calls it")]
pub trait Book: Default + std::fmt::Debug {
    /// Links an order behind all others of its price on this side.
    fn push(&mut self, orders: &mut Orders, slot: u32, side: Side);

    /// Unlinks an order.
    fn remove(&mut self, orders: &mut Orders, slot: u32, side: Side);

    /// Takes parts off an order's shown and hidden quantity; it keeps its place.
    fn reduce(&mut self, orders: &mut Orders, slot: u32, side: Side, shown: i64, hidden: i64);

    /// The order of this side that trades next.
    fn best(&self, orders: &Orders, side: Side) -> Option<u32>;

    /// Prices of a side from the best on, each with the quantity that rests there, hidden parts included.
    fn walk_levels(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>);

    /// Orders of a side in the order in which they trade.
    fn walk_orders(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(u32) -> ControlFlow<()>);
}

/// The side of a stop book on which orders wait for a price that moves this way: rising prices meet the lowest stop price
/// first, as asks are met, falling ones the highest.
pub(crate) const fn stop_side(trigger: Trigger) -> Side {
    match trigger {
        Trigger::Rising => Side::Sell,
        Trigger::Falling => Side::Buy,
    }
}

/// Whether `left` is a better price than `right` for the one who meets it on this side of the book.
pub(crate) const fn better(side: Side, left: i64, right: i64) -> bool {
    match side {
        Side::Buy => left > right,
        Side::Sell => left < right,
    }
}
