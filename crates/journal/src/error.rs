//! Everything that can go wrong, in the operator's words.

use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with the bytes at the place an error or a problem names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file has fewer bytes than its header.
    #[error("the file ends inside its header")]
    HeaderMissing,
    /// The file is not one of ours, or its first bytes are gone.
    #[error("the magic bytes are wrong")]
    Magic,
    /// A header's own checksum does not fit.
    #[error("the header's checksum does not fit")]
    HeaderChecksum,
    /// A header's length field points outside the file.
    #[error("a length in the header is impossible")]
    Length,
    /// A header says what no journal was ever made with: sequence zero, or a length out of bounds.
    #[error("the header has a number that is impossible")]
    Impossible,
    /// The header names another first sequence than the file's name.
    #[error("the header says sequence {found}, the file name {expected}: the file was renamed or misplaced")]
    Name {
        /// The sequence in the file's name.
        expected: u64,
        /// The sequence in the header.
        found: u64,
    },
    /// The numbers do not continue.
    #[error("sequence {expected} is expected here, {found} stands here")]
    Sequence {
        /// The sequence that must follow.
        expected: u64,
        /// The sequence that stands there.
        found: u64,
    },
    /// The batch or segment does not continue the one before it: it comes from another place or journal.
    #[error("it does not continue what stands before it: a piece of another place or of another journal")]
    Chain,
    /// The checksum of a record does not fit its bytes.
    #[error("the checksum of record {sequence} does not fit")]
    RecordChecksum {
        /// The record as counted from the start of its batch.
        sequence: u64,
    },
    /// The end of a batch is not as it was written.
    #[error("the end of the batch is altered")]
    BatchEnd,
    /// Bytes that should be zero or absent.
    #[error("bytes stand after the last batch")]
    Stray,
    /// Zeros with a batch after them: one that was acknowledged is gone.
    #[error("zeros stand where a batch was, for a later one stands at offset {at}")]
    FollowedBy {
        /// Where the first batch after the zeros stands.
        at: u64,
    },
    /// Records are missing at the end of a segment that has a successor.
    #[error("the segment ends before sequence {expected}, yet a later segment starts at {next}")]
    Gap {
        /// The first missing sequence.
        expected: u64,
        /// The first sequence of the next file.
        next: u64,
    },
    /// The file is shorter than it was made.
    #[error("the file ends here, but was made {allocated} bytes long: it was cut from outside")]
    Shortened {
        /// The length that the segment's header states.
        allocated: u64,
    },
    /// A record that is known to be durable is not there.
    #[error("record {sequence}, known to be durable, is not there")]
    NotThere {
        /// The missing sequence.
        sequence: u64,
    },
    /// The checksum over the content of a snapshot does not fit.
    #[error("the checksum of the content does not fit")]
    Content,
    /// The format version is unknown here.
    #[error("format version {found} is unknown to this program, which reads up to {supported}")]
    Version {
        /// The version in the file.
        found: u16,
        /// The newest version that this program reads.
        supported: u16,
    },
}

/// The errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}; check the disk, its free space and the rights", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another writer holds the directory.
    #[error("{} is locked: another process (or another journal in this one) writes there; stop it first", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A segment is damaged: nothing was changed on disk.
    #[error(
        "{} is damaged at offset {offset}: {cause}; restore this segment from a copy or a standby; \
         only if none exists, cut the journal before the damage, which loses acknowledged records", segment.display()
    )]
    Damaged {
        /// The file.
        segment: PathBuf,
        /// Bytes from the start of the file.
        offset: u64,
        /// What is wrong there.
        cause: Cause,
    },
    /// A segment between two others is not in the directory.
    #[error("the segment before {} (first sequence {missing}) is missing; restore it from a copy or a standby", segment.display())]
    MissingSegment {
        /// The first sequence of the missing file.
        missing: u64,
        /// The file that names it as the one before it.
        segment: PathBuf,
    },
    /// A snapshot is damaged.
    #[error("{} is damaged at offset {offset}: {cause}; use an older snapshot", path.display())]
    SnapshotDamaged {
        /// The file.
        path: PathBuf,
        /// Bytes from the start of the file.
        offset: u64,
        /// What is wrong there.
        cause: Cause,
    },
    /// A snapshot in the journal's directory covers more than the journal holds.
    #[error(
        "{} covers sequence {snapshot}, but the journal ends at {last}: acknowledged records are missing; \
         restore the newest segments, or move the snapshot away to accept the loss", path.display()
    )]
    SnapshotAhead {
        /// The snapshot's file.
        path: PathBuf,
        /// The sequence it covers.
        snapshot: u64,
        /// The last sequence of the journal.
        last: u64,
    },
    /// Written by another version of this program.
    #[error("{} has format version {found}, this program reads up to {supported}; use the newer program", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u16,
        /// The newest version that is read here.
        supported: u16,
    },
    /// No segment is in the directory.
    #[error("{} holds no journal; check the data directory in the settings", path.display())]
    NoJournal {
        /// The directory.
        path: PathBuf,
    },
    /// The asked sequence was removed by retention.
    #[error("sequence {requested} was removed; the journal starts at {first_available}: start from a snapshot")]
    Trimmed {
        /// What was asked for.
        requested: u64,
        /// The oldest sequence that is there.
        first_available: u64,
    },
    /// The asked sequence is beyond the end.
    #[error("sequence {requested} is beyond the journal, whose next sequence is {next}: records are missing here")]
    Beyond {
        /// What was asked for.
        requested: u64,
        /// The sequence that the next record gets.
        next: u64,
    },
    /// A write or sync failed before: what is on disk is unknown, so nothing more is written.
    #[error("the journal stopped: {cause}; repair the disk, then start again")]
    Stopped {
        /// The first failure.
        cause: String,
    },
    /// A batch that does not continue the journal; a fault of the caller, nothing was written.
    #[error("the batch has sequence {found} where {expected} must stand")]
    OutOfOrder {
        /// The sequence that must stand there.
        expected: u64,
        /// The sequence that was pushed.
        found: u64,
    },
    /// A record above the limit; nothing was written.
    #[error("a record of {bytes} bytes is over the limit of {limit}")]
    RecordTooLarge {
        /// Payload bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A batch above the limit; nothing was written.
    #[error("a batch of {bytes} bytes is over the limit of {limit}")]
    BatchTooLarge {
        /// Framed bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A setting that cannot work.
    #[error("{name} is {found}, it must be between {least} and {most}")]
    Setting {
        /// Its name in [`Config`](crate::Config).
        name: &'static str,
        /// Its value.
        found: u64,
        /// The least value.
        least: u64,
        /// The greatest value.
        most: u64,
    },
    /// A cut that was asked for inside a batch.
    #[error("sequence {requested} is not the end of a batch; the batches around it end at {before} and {after}")]
    InsideBatch {
        /// What was asked for.
        requested: u64,
        /// The last sequence of the batch before.
        before: u64,
        /// The last sequence of the batch that holds it.
        after: u64,
    },
}

impl Error {
    /// True when bytes on disk are not what was written: an operator must restore something, a retry is useless.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::MissingSegment { .. }
                | Self::SnapshotDamaged { .. }
                | Self::SnapshotAhead { .. }
        )
    }

    /// True when the writer may not be used any more in this process.
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped { .. } | Self::Io { .. })
    }

    /// True when another writer holds the directory.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }

    /// True when the reader asks for what retention removed: start from a snapshot instead.
    pub fn is_trimmed(&self) -> bool {
        matches!(self, Self::Trimmed { .. })
    }

    /// True when the caller passed something that the journal refuses; nothing was written and it goes on.
    pub fn is_caller_fault(&self) -> bool {
        matches!(
            self,
            Self::OutOfOrder { .. }
                | Self::RecordTooLarge { .. }
                | Self::BatchTooLarge { .. }
                | Self::Setting { .. }
                | Self::InsideBatch { .. }
        )
    }

    /// True when a file was not there, for example because retention removed it.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Damage of a segment; an unknown version is told apart, because nothing is broken then.
    pub(crate) fn damaged(segment: &Path, offset: u64, cause: Cause) -> Self {
        match cause {
            Cause::Version { found, supported } => Self::Version { path: segment.to_path_buf(), found, supported },
            cause => Self::Damaged { segment: segment.to_path_buf(), offset, cause },
        }
    }

    pub(crate) fn snapshot_damaged(path: &Path, offset: u64, cause: Cause) -> Self {
        match cause {
            Cause::Version { found, supported } => Self::Version { path: path.to_path_buf(), found, supported },
            cause => Self::SnapshotDamaged { path: path.to_path_buf(), offset, cause },
        }
    }
}
