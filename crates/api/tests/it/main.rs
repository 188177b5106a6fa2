//! The door over everything but the engine; the whole program is tested in `rialto`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails"
)]

mod access;
mod bad_input;
mod door;
mod grpc;
mod limits;
mod listings;
mod market_shapes;
mod native;
mod openapi;
mod order_lists;
mod order_types;
mod server;
mod shapes;
mod signatures;
mod signer;
mod spot;
mod sub_accounts;
mod wallet;
mod ws;
