//! What can go wrong with a secret. No text holds a value.

use std::path::{Path, PathBuf};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that no secret can have, a variable that cannot be used, or a setting that does not take its secret.
    #[error(transparent)]
    Runtime(#[from] runtime::Error),
    /// The settings of the source cannot be used.
    #[error("settings: {0}")]
    Settings(String),
    /// A setting names a secret that the source does not have.
    #[error("{setting} names the secret `{name}`, which {source_name} does not have")]
    Missing {
        /// The setting.
        setting: &'static str,
        /// The secret.
        name: String,
        /// The source.
        source_name: String,
    },
    /// A secret is there, but cannot be what it must be.
    #[error("the secret `{name}` cannot be used: it {reason}")]
    Value {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file cannot be read, opened or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Vault refuses, or cannot be reached.
    #[error("Vault: {reason}")]
    Vault {
        /// What is wrong.
        reason: String,
        /// Whether it may pass: no answer, or an answer that says so.
        transient: bool,
    },
}

impl Error {
    /// Whether the same call may succeed when it is tried again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Vault { transient: true, .. })
    }

    pub(crate) fn file(path: &Path, reason: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), reason: reason.into() }
    }
}
