//! SQL of this crate. No other crate touches these tables.

pub(crate) mod change;
pub(crate) mod schedule;
