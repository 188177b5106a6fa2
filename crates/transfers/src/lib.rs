#![doc = include_str!("../README.md")]

mod error;
mod migrations;
mod store;
mod transfer;
mod transfers;

pub use error::Error;
pub use migrations::migrations;
pub use transfer::{Outcome, Query, Request, Transfer};
pub use transfers::{MOST_LISTED, Transfers, Turn};
