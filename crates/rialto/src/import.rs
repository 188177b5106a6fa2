//! Files that an operator imports.

use std::path::Path;

use anyhow::Context as _;

/// Longest file that may be imported.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A file as text.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<String> {
    let read = || {
        let length = std::fs::metadata(path)?.len();
        anyhow::ensure!(length <= MAX_FILE_BYTES, "it has {length} bytes, and may have at most {MAX_FILE_BYTES}");
        Ok(std::fs::read_to_string(path)?)
    };
    read().with_context(|| format!("cannot import {}", path.display()))
}
