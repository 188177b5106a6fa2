//! What can go wrong around a process, in words for its operator.

use std::path::PathBuf;

/// An error of this crate. All but [`Error::Http`] are final: they are met at start or at shutdown, and repeating the call changes
/// nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A settings file or variable that cannot be used; the text names the key.
    #[error("settings: {0}")]
    Settings(String),
    /// What no secret can be called.
    #[error("`{0}` is no name of a secret: use 1 to 64 lower-case letters, digits and -, a letter first")]
    SecretName(String),
    /// A secret in the environment that cannot be used.
    #[error("the secret in {variable} {reason}")]
    SecretVariable {
        /// The variable.
        variable: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file with the sealing key exists but cannot be trusted or read.
    #[error("sealing key {}: {reason}", path.display())]
    SealingKey {
        /// Where the key is expected.
        path: PathBuf,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// A sealed secret does not open: other key, other owner, or changed bytes.
    #[error("a sealed secret does not open: it was sealed with another key or for another owner, or it was changed")]
    Unsealable,
    /// Another server's answer cannot be had.
    #[error("http: {0}")]
    Http(String),
    /// Logs or metrics are already set up in this process, or cannot be.
    #[error("telemetry: {0}")]
    Telemetry(String),
    /// The handlers of SIGTERM and SIGINT could not be installed.
    #[error("signals: {0}")]
    Signals(#[source] std::io::Error),
    /// Tasks that had not ended when the drain time was over.
    #[error("not ended in time: {}", names.join(", "))]
    DrainTimeout {
        /// Their names, sorted.
        names: Vec<&'static str>,
    },
}
