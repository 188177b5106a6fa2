//! What clients ask of the futures APIs while they load markets.

pub mod get_exchange_info;
