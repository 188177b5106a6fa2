//! The WebSocket doors over real sockets, fed by a naive exchange's batches through `App::apply`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod depth;
#[path = "../../../../marketdata/tests/it/exchange.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod exchange;
mod limits;
mod streams;
mod user_data;
mod world;
