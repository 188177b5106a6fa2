//! API keys on both databases.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod api_keys;
mod public_keys;
