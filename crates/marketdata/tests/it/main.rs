//! Tests of market data against a naive exchange.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test fails where it unwraps or panics, and makes small numbers"
)]

mod books;
mod candles;
mod exchange;
mod history;
mod states;
mod tickers;
