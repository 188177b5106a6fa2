//! What every contender gets, in a form that favours none.

use model::Side;

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A new limit order; immediate-or-cancel when set.
    New {
        /// Whether the rest is cancelled rather than put into the book.
        ioc: bool,
    },
    /// A cancel.
    Cancel,
    /// A cancel and a new order with another price and quantity, under the same id.
    Modify,
}

/// One message. Side, price and quantity of a cancel mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) side: Side,
    /// The new orders are numbered from zero on, without a gap.
    pub(super) order: u64,
    pub(super) price: i64,
    pub(super) quantity: i64,
}

/// Messages, and those that set the scene before anything is measured.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow<M = Message> {
    pub(super) opening: Vec<M>,
    pub(super) messages: Vec<M>,
}
