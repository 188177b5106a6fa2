//! Placing, changing and cancelling orders and order lists.

pub mod delete_open_orders;
pub mod delete_order;
pub mod delete_order_list;
pub mod post_cancel_replace;
pub mod post_order;
mod post_order_list;
pub mod post_order_list_oco;
pub mod post_order_list_oto;
pub mod post_order_list_otoco;
pub mod post_order_oco;
pub mod post_order_test;
pub mod put_amend_keep_priority;
