//! Tests of the sources of secrets: the environment, a sealed file, and a real OpenBao, which speaks Vault's API.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bao;
mod environment;
mod file;
mod vault;
