//! Tests of mail: every template, a real mail server, and the development mailbox.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod mailbox;
mod overrides;
mod queue;
mod server;
mod smtp;
mod templates;
