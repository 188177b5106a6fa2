//! Placing and cancelling orders.

pub mod delete_open_orders;
pub mod delete_order;
pub mod post_cancel_replace;
pub mod post_order;
pub mod post_order_test;
