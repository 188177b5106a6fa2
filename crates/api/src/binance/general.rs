//! General operations: reachability, time, what can be traded.

pub mod get_exchange_info;
pub mod get_ping;
pub mod get_time;
