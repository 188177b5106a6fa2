//! End-to-end tests: the real program, real sockets, real databases.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests wait on real processes")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its support code too")]

mod binance_rest_bad_input;
mod binance_rest_life;
mod binance_rest_order_types;
mod grpc;
mod harness;
mod keys;
mod limits;
mod market_hours;
mod people;
mod projections;
mod replay;
mod restart;
mod secrets;
mod settings;
mod sub_accounts;
mod wallets;
