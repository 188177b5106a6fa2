//! What joins crates that do not know each other.

mod exchange;

pub(crate) use exchange::NodeExchange;
