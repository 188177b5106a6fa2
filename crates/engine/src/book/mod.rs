//! One market's order book: which open order is next to trade.

mod levels;
mod naive;

use std::ops::ControlFlow;

use model::Side;

use crate::orders::Orders;
pub use levels::Levels;
pub use naive::Naive;

/// Price-time priority over the orders of one market. Orders themselves stand in the pool; a book keeps their order.
///
/// Sealed by its crate-private argument types: the engine has two, [`Levels`] and [`Naive`], and every test runs on both.
#[allow(private_interfaces, reason = "the trait is sealed: only this crate implements and calls it")]
pub trait Book: Default + std::fmt::Debug {
    /// Links an order behind all others of its side and price.
    fn push(&mut self, orders: &mut Orders, slot: u32);

    /// Unlinks an order.
    fn remove(&mut self, orders: &mut Orders, slot: u32);

    /// Takes a part off an order's remaining quantity; it keeps its place.
    fn reduce(&mut self, orders: &mut Orders, slot: u32, quantity: i64);

    /// The order of this side that trades next.
    fn best(&self, orders: &Orders, side: Side) -> Option<u32>;

    /// Prices of a side from the best on, each with the quantity that rests there.
    fn walk_levels(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>);

    /// Orders of a side in the order in which they trade.
    fn walk_orders(&self, orders: &Orders, side: Side, visit: &mut dyn FnMut(u32) -> ControlFlow<()>);
}

/// Whether `left` is a better price than `right` for the one who meets it on this side of the book.
pub(crate) const fn better(side: Side, left: i64, right: i64) -> bool {
    match side {
        Side::Buy => left > right,
        Side::Sell => left < right,
    }
}
