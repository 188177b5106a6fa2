//! Feeds in the shapes that sites which list exchanges ask for, and the coin list. All public.

mod book;
pub mod coingecko;
pub mod coinmarketcap;
pub mod get_coins;
mod pair;

use crate::Error;

/// A read of the coin list failed.
fn stored(error: coins::Error) -> Error {
    Error::Internal(error.to_string())
}
