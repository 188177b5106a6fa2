//! The journal's behaviour, one file for each promise.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its support code too")]

mod crash;
mod damage;
mod failing_disk;
mod golden;
mod kill;
mod repair;
mod retention;
mod round_trip;
mod snapshots;
mod support;
mod tailing;
mod verify;
mod writer;
