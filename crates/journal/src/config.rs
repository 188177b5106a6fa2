//! The settings of a journal.

use crate::error::Error;
use crate::format::{BATCH_OVERHEAD_BYTES, RECORD_HEADER_BYTES, SEGMENT_BYTES, SEGMENT_HEADER_BYTES, SEQUENCES};

/// The first segment of a new journal is at most this long, so that a first start does not wait for the zeroing of a
/// large file; the following ones grow fourfold up to [`Config::segment_bytes`]. It also bounds a batch.
const FIRST_SEGMENT_BYTES: u64 = 4 << 20;

/// How much of the journal [`Journal::open`](crate::Journal::open) reads and checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Every byte of every segment.
    Everything,
    /// Every byte of the segments that hold this sequence or a later one; of older segments the headers only.
    From(u64),
}

/// The settings of a journal.
#[derive(Debug, Clone)]
pub struct Config {
    /// Bytes of a segment file, written with zeros before its use: 512 B to 4 GiB, default 64 MiB. May change between
    /// starts.
    pub segment_bytes: u64,
    /// Most payload bytes of one record, default 1 MiB (less when a segment cannot hold it).
    pub max_record_bytes: u32,
    /// The sequence of the first record, used only when the directory holds no journal yet; at least 1,
    /// default 1. A standby that
    /// starts from a snapshot of sequence `n` says `n + 1`.
    pub first_sequence: u64,
    /// What a start checks; default everything.
    pub check: Check,
}

impl Default for Config {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, max_record_bytes: 1 << 20, first_sequence: 1, check: Check::Everything }
    }
}

impl Config {
    /// Most bytes of a framed batch, see [`Batch::len_bytes`](crate::Batch::len_bytes).
    pub fn max_batch_bytes(&self) -> u64 {
        self.least_segment_bytes().saturating_sub(SEGMENT_HEADER_BYTES as u64)
    }

    /// Most payload bytes of a record: the setting, or what a batch can hold.
    pub fn max_payload_bytes(&self) -> u64 {
        let room = self.max_batch_bytes().saturating_sub((BATCH_OVERHEAD_BYTES + RECORD_HEADER_BYTES) as u64);
        room.min(u64::from(self.max_record_bytes))
    }

    /// Every segment is at least this long, so that any allowed batch fits an empty one.
    pub(crate) fn least_segment_bytes(&self) -> u64 {
        self.segment_bytes.min(FIRST_SEGMENT_BYTES)
    }

    /// The length of the segment after one of `previous` bytes.
    pub(crate) fn following_segment_bytes(&self, previous: u64) -> u64 {
        previous.saturating_mul(4).clamp(self.least_segment_bytes(), self.segment_bytes)
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let settings =
            [("segment_bytes", self.segment_bytes, SEGMENT_BYTES), ("first_sequence", self.first_sequence, SEQUENCES)];
        for (name, found, range) in settings {
            if !range.contains(&found) {
                let (least, most) = range.into_inner();
                return Err(Error::Setting { name, found, least, most });
            }
        }
        Ok(())
    }
}
