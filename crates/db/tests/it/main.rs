//! Tests of the database layer, most of them on both databases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it unwraps or panics")]

mod connect;
mod migrate;
mod page;
mod server;
mod transaction;
