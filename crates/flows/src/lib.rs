#![doc = include_str!("../README.md")]

pub mod bitstamp;
mod error;
pub mod flash1;
mod setup;

pub use error::Error;
pub use setup::{FIRST_ACCOUNT, MARKET, setup};
