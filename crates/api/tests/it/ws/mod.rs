//! The WebSocket doors over real sockets, fed by a naive exchange's batches through `App::apply`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod conflation;
mod depth;
#[path = "../../../../marketdata/tests/it/exchange/mod.rs"]
#[allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "it belongs to another crate's tests, which use more of it"
)]
pub(crate) mod exchange;
mod klines;
mod limits;
mod listen_keys;
#[cfg(target_os = "linux")]
mod memory;
mod methods;
mod paced;
mod session;
mod shapes;
mod streams;
mod user_data;
pub(crate) mod world;
