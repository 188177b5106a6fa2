#![doc = include_str!("../README.md")]

mod accounts;
mod apply;
mod auction;
mod book;
mod command;
mod due;
mod faults;
mod filters;
mod hash;
mod heap;
mod image;
mod ledger;
mod lists;
mod markets;
mod orders;
mod schedule;
mod seats;
mod snapshot;
mod trailing;
mod warm;

pub use apply::Engine;
pub use book::{Book, Levels, Naive};
pub use faults::Fault;
pub use snapshot::RestoreError;
