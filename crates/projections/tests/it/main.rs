//! Tests of the views against a naive exchange; those in SQL on SQLite and on PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test fails where it unwraps or panics, and makes small numbers"
)]

#[allow(dead_code, reason = "shared with the tests of market data, which use other parts of it")]
#[path = "../../../marketdata/tests/it/exchange/mod.rs"]
mod exchange;
mod history;
mod lists;
mod live;
mod order_events;
mod orders;
mod positions;
mod projector;
mod streams;
