#![doc = include_str!("../README.md")]

mod app;
pub mod binance;
mod call;
mod error;
pub mod json;
mod operation;
pub mod operator;
pub mod ports;
mod router;
pub mod server;

pub use app::{App, ApplyError, Parts, State};
pub use call::{Call, Caller, KeyHolder, Reply, ReplyKind};
pub use error::Error;
pub use operation::{Access, KeyAlone, Operation, Permission, Public, User};
pub use router::{operations, router};
