//! The rules on both kinds of counters, and what several processes share.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod rules;
mod shared;
