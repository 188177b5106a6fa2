//! The WebSocket doors over real sockets, fed by a naive exchange's batches through `App::apply`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod depth;
#[path = "../../../../marketdata/tests/it/exchange/mod.rs"]
#[allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "it belongs to another crate's tests, which use more of it"
)]
mod exchange;
mod limits;
mod listen_keys;
mod methods;
mod session;
mod streams;
mod user_data;
mod world;
