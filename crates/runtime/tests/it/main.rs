//! Tests of what only a process of its own shows: settings from the environment, logs, signals.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod config;
mod process;
