//! The bodies of the fuzz targets: each takes any bytes and panics when a promise is broken.

pub mod codec;
pub mod decimal;
pub mod journal;

/// What is run over `corpus/<name>/`.
pub const TARGETS: [(&str, fn(&[u8])); 3] = [("codec", codec::run), ("decimal", decimal::run), ("journal", journal::run)];
