//! What an account has, has ordered and has traded.

pub mod get_account;
pub mod get_all_order_list;
pub mod get_all_orders;
pub mod get_commission;
pub mod get_my_allocations;
pub mod get_my_filters;
pub mod get_my_prevented_matches;
pub mod get_my_trades;
pub mod get_open_order_list;
pub mod get_open_orders;
pub mod get_order;
pub mod get_order_amendments;
pub mod get_order_list;
pub mod get_rate_limit_order;
