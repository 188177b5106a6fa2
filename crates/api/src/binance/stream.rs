//! Listen keys: names under which the events of an account may be listened to on `/ws` and `/stream`.
//!
//! Binance has withdrawn them in favour of subscriptions over the WebSocket API, but clients that know nothing else remain.

pub mod delete_user_data_stream;
pub mod post_user_data_stream;
pub mod put_user_data_stream;
