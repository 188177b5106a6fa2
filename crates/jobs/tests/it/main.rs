//! Queues on both databases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod board;
mod claims;
mod failures;
mod many;
mod processes;
mod schedules;
mod workers;
mod world;
