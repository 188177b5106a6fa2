//! What clients ask of the wallet API while they load markets.

pub mod get_margin_pairs;
pub mod get_trade_fee;
