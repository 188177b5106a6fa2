#![doc = include_str!("../README.md")]

mod batch;
mod config;
mod cursor;
mod disk;
mod error;
mod format;
pub mod probe;
mod reader;
mod recovery;
pub mod repair;
pub mod retention;
mod segment;
pub mod snapshot;
mod tail;
mod verify;
mod writer;

pub use batch::Batch;
pub use config::{Check, Config};
pub use disk::{Disk, DiskFile, RealDisk};
pub use error::{Cause, Error};
pub use reader::{Reader, Record};
pub use recovery::TornTail;
pub use verify::{Problem, VerifyReport, verify};
pub use writer::{Journal, OpenReport};
