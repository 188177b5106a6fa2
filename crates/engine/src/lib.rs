#![doc = include_str!("../README.md")]

mod apply;
mod book;
mod command;
mod filters;
mod hash;
mod image;
mod ledger;
mod markets;
mod orders;
mod seats;
mod snapshot;

pub use apply::Engine;
pub use book::{Book, Levels, Naive};
pub use snapshot::RestoreError;
