#![doc = include_str!("../README.md")]

mod app;
pub mod binance;
mod call;
mod cost;
mod error;
pub mod grpc;
pub mod json;
pub mod listings;
pub mod native;
pub mod openapi;
mod operation;
pub mod operator;
pub mod ports;
mod router;
pub mod schedules;
pub mod server;
mod usage;

pub use app::{App, ApplyError, Parts, State};
pub use call::{Call, Caller, KeyHolder, Reply, ReplyKind};
pub use cost::Cost;
pub use error::Error;
pub use operation::{Access, KeyAlone, Operation, Permission, Public, User};
pub use router::{operations, router};
pub use usage::{TooMuch, What};
