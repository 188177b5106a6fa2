//! The bodies of the fuzz targets: each takes any bytes and panics when a promise is broken.

pub mod codec;
pub mod commands;
pub mod decimal;
pub mod journal;
pub mod restore;
pub mod signed_request;

/// A target: its name and its body.
pub type Target = (&'static str, fn(&[u8]));

/// What is run over `corpus/<name>/`.
pub const TARGETS: [Target; 6] = [
    ("codec", codec::run),
    ("commands", commands::run),
    ("decimal", decimal::run),
    ("journal", journal::run),
    ("restore", restore::run),
    ("signed_request", signed_request::run),
];
