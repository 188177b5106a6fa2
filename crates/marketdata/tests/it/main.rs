//! Tests of market data against a naive exchange.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "tests make small numbers"
)]

mod books;
mod candles;
mod exchange;
mod history;
mod tickers;
