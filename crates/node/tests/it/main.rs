//! The node's behaviour, one file for each promise.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its support code too")]

mod determinism;
mod disks;
mod durability;
mod feed;
mod followers;
mod kill;
mod queue;
mod refusals;
mod snapshots;
mod stopping;
mod support;
mod ticks;
mod view;
mod workload;
