//! When markets trade.

pub mod get_markettime;
