//! The door over everything but the engine; the whole program is tested in `rialto`.

mod access;
mod bad_input;
mod door;
mod server;
mod shapes;
mod signatures;
mod ws;
