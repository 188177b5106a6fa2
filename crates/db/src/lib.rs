#![doc = include_str!("../README.md")]

mod connect;
mod error;
mod migrate;
pub mod page;
#[cfg(feature = "testing")]
pub mod testing;

pub use connect::{Backend, Db, Options};
pub use error::Error;
pub use migrate::{Migrations, migrate};
