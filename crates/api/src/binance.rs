//! The Binance Spot door: REST operations by tag, market and user streams, and what they share.

pub mod account;
pub mod cancel;
mod commission;
mod filters;
pub mod futures;
pub mod general;
pub mod list_request;
pub mod lists;
pub mod market;
pub mod order_request;
pub mod orders;
pub(crate) mod params;
pub mod selection;
pub mod signature;
pub mod terms;
mod time;
pub mod trading;
pub mod wallet;
pub mod ws;

pub use params::Params;
pub use time::TimeUnit;
