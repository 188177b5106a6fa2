#![doc = include_str!("../README.md")]

mod coin;
mod coins;
mod error;
mod migrations;
mod store;

pub use coin::{Coin, MAX_COINS, MAX_DESCRIPTION_CHARS, MAX_ICON_BYTES, MAX_LINKS, MAX_TEXT_CHARS, parse_file};
pub use coins::{CACHE_SECONDS, Coins};
pub use error::Error;
pub use migrations::migrations;
