/// Why a node cannot start, or a follower cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal cannot be opened or read.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// A record that the journal's checksum holds for is not a command of this program.
    #[error("journal record {sequence} cannot be decoded: {cause}; it was written by another version of this program")]
    Decode {
        /// Which record.
        sequence: u64,
        /// What is wrong.
        cause: model::codec::DecodeError,
    },
    /// The commands before the journal's first segment are gone, and no snapshot stands in for them.
    #[error(
        "the journal starts at command {first}, and no valid snapshot at {needed} or later exists{}; \
         restore the older segments or a snapshot from a backup",
        list(passed_over)
    )]
    NoState {
        /// First command that is there.
        first: u64,
        /// Snapshot position that would be needed.
        needed: u64,
        /// Why snapshots that are there were passed over.
        passed_over: Vec<String>,
    },
    /// A follower asks for events that can no longer be made.
    #[error(
        "the events after command {after} cannot be made any more: the journal starts at command {first}, and no valid \
         snapshot at or before {after} reaches it{}; load an image instead",
        list(passed_over)
    )]
    Behind {
        /// Behind which command the follower wants to start.
        after: u64,
        /// First command that is there.
        first: u64,
        /// Why snapshots that are there were passed over.
        passed_over: Vec<String>,
    },
    /// A snapshot of a newer program. To pass it over would hide that this program is too old.
    #[error("snapshot {sequence}: {cause}; use the newer program")]
    SnapshotVersion {
        /// Position of the snapshot.
        sequence: u64,
        /// What the engine says.
        cause: engine::RestoreError,
    },
    /// A setting that cannot work.
    #[error("{name} is {found}, it must be between {least} and {most}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it is.
        found: u64,
        /// The smallest allowed value.
        least: u64,
        /// The largest allowed value.
        most: u64,
    },
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

impl Error {
    /// Whether retention removed what a follower needs: an image, or a new follower from a newer position, helps.
    pub fn is_behind(&self) -> bool {
        match self {
            Self::Behind { .. } => true,
            Self::Journal(cause) => cause.is_trimmed(),
            _ => false,
        }
    }
}

fn list(causes: &[String]) -> String {
    if causes.is_empty() { String::new() } else { format!(" (passed over: {})", causes.join("; ")) }
}

/// Why a command got no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The queue is full; nothing has happened, and the same command can be sent again.
    #[error("the command queue is full; nothing has happened, send it again later")]
    Busy,
    /// The node has stopped; whether the command happened shows after the restart.
    #[error("the node has stopped; whether the command happened shows after the restart")]
    Stopped,
}
