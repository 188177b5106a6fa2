//! The bytes on disk, version 1; all integers little-endian. The README has the tables.

use std::ops::RangeInclusive;

use crc32c::{crc32c, crc32c_append};

use crate::error::Cause;

/// The format version that is written.
pub(crate) const VERSION: u16 = 1;

const SEGMENT_MAGIC: [u8; 8] = *b"RIALTOJS";
const BATCH_MAGIC: [u8; 4] = *b"RJBT";
/// The first sequence of a journal or segment. Zero stands for "none yet" on disk and in reports; above the half, the last
/// one of a batch might not fit.
pub(crate) const SEQUENCES: RangeInclusive<u64> = 1..=u64::MAX / 2;
/// The length of a segment: at least room for the header and a few small batches.
pub(crate) const SEGMENT_BYTES: RangeInclusive<u64> = 512..=4 << 30;

/// The last bytes of a batch: its whole length (8 bytes), which tells where it started when its header is lost, and
/// [`END_MARK`].
pub(crate) const END_BYTES: usize = 16;
/// The last eight bytes of every batch. No byte is zero or one bit away from zero, so that a missing end (zeros) is
/// told from an altered one.
pub(crate) const END_MARK: [u8; 8] = *b"<RJ-END>";

pub(crate) const SEGMENT_HEADER_BYTES: usize = 64;
pub(crate) const BATCH_HEADER_BYTES: usize = 40;
pub(crate) const RECORD_HEADER_BYTES: usize = 16;
/// Batches start at multiples of this.
pub(crate) const ALIGNMENT: usize = 8;
/// Most bytes that a batch adds to its framed records: header, padding, end.
pub(crate) const BATCH_OVERHEAD_BYTES: usize = BATCH_HEADER_BYTES + ALIGNMENT - 1 + END_BYTES;
/// The smallest batch: one record without payload.
pub(crate) const LEAST_BATCH_BYTES: usize = BATCH_HEADER_BYTES + RECORD_HEADER_BYTES + END_BYTES;

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let mut field = [0; 2];
    field.copy_from_slice(&bytes[at..at + 2]);
    u16::from_le_bytes(field)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut field = [0; 4];
    field.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(field)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut field = [0; 8];
    field.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(field)
}

/// A length on disk as an index; on a machine with small pointers an impossible index instead of a wrong one.
pub(crate) fn index(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// The end of a batch of `bytes` bytes.
pub(crate) fn encode_end(bytes: u64) -> [u8; END_BYTES] {
    let mut end = [0; END_BYTES];
    end[..8].copy_from_slice(&bytes.to_le_bytes());
    end[8..].copy_from_slice(&END_MARK);
    end
}

/// The length of the batch with this end; `None` when it is no end.
pub(crate) fn decode_end(end: &[u8; END_BYTES]) -> Option<u64> {
    (end[8..] == END_MARK).then(|| u64_at(end, 0))
}

/// The start of a segment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) first_sequence: u64,
    /// The length the file was made with.
    pub(crate) segment_bytes: u64,
    /// The first sequence of the segment before, 0 when this is the first of the journal.
    pub(crate) previous_first_sequence: u64,
    /// The chain value of the last batch of the segment before: it stands for all of its content.
    pub(crate) previous_chain: u32,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[..8].copy_from_slice(&SEGMENT_MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_sequence.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.segment_bytes.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.previous_first_sequence.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.previous_chain.to_le_bytes());
        let checksum = crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The place of the checksum is the same in all versions, so that an unknown version is told from a damaged byte.
    pub(crate) fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Result<Self, Cause> {
        if bytes[..8] != SEGMENT_MAGIC {
            return Err(Cause::Magic);
        }
        if crc32c(&bytes[..60]) != u32_at(bytes, 60) {
            return Err(Cause::HeaderChecksum);
        }
        let found = u16_at(bytes, 8);
        if found != VERSION {
            return Err(Cause::Version { found, supported: VERSION });
        }
        let header = Self {
            first_sequence: u64_at(bytes, 16),
            segment_bytes: u64_at(bytes, 24),
            previous_first_sequence: u64_at(bytes, 32),
            previous_chain: u32_at(bytes, 40),
        };
        // No journal was ever made with others, and every sum of numbers and lengths relies on them.
        let possible = SEQUENCES.contains(&header.first_sequence) && SEGMENT_BYTES.contains(&header.segment_bytes);
        if possible { Ok(header) } else { Err(Cause::Impossible) }
    }

    /// What the batches of this segment are bound to: seeds their header checksums and starts their chain.
    pub(crate) fn identity(&self) -> u32 {
        u32_at(&self.encode(), 60)
    }
}

/// The start of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    /// Bytes after this header, up to and with the end mark.
    pub(crate) length: u32,
    pub(crate) count: u32,
    pub(crate) first_sequence: u64,
    /// The chain value before this batch.
    pub(crate) previous: u32,
    /// The checksum of the last record, which covers all records of the batch.
    pub(crate) records: u32,
}

impl BatchHeader {
    /// The bytes and the new chain value, which is the header's checksum.
    pub(crate) fn encode(&self, identity: u32) -> ([u8; BATCH_HEADER_BYTES], u32) {
        let mut bytes = [0; BATCH_HEADER_BYTES];
        bytes[..4].copy_from_slice(&BATCH_MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.count.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_sequence.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.previous.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.records.to_le_bytes());
        let checksum = crc32c_append(identity, &bytes[..36]);
        bytes[36..].copy_from_slice(&checksum.to_le_bytes());
        (bytes, checksum)
    }

    /// The header and the chain value after it.
    pub(crate) fn decode(bytes: &[u8], identity: u32) -> Result<(Self, u32), Cause> {
        let Some(bytes) = bytes.first_chunk::<BATCH_HEADER_BYTES>() else { return Err(Cause::Length) };
        if bytes[..4] != BATCH_MAGIC {
            return Err(Cause::Magic);
        }
        let checksum = u32_at(bytes, 36);
        if crc32c_append(identity, &bytes[..36]) != checksum {
            return Err(Cause::HeaderChecksum);
        }
        let found = u16_at(bytes, 4);
        if found != VERSION {
            return Err(Cause::Version { found, supported: VERSION });
        }
        let header = Self {
            length: u32_at(bytes, 8),
            count: u32_at(bytes, 12),
            first_sequence: u64_at(bytes, 16),
            previous: u32_at(bytes, 24),
            records: u32_at(bytes, 28),
        };
        if (header.length as usize) < LEAST_BATCH_BYTES - BATCH_HEADER_BYTES || header.count == 0 {
            return Err(Cause::Length);
        }
        Ok((header, checksum))
    }

    /// Where the batch ends when it starts at `offset`.
    pub(crate) fn end(&self, offset: u64) -> u64 {
        offset + BATCH_HEADER_BYTES as u64 + u64::from(self.length)
    }

    /// Checks every byte after the header.
    pub(crate) fn check_body(&self, body: &[u8]) -> Result<(), Cause> {
        let Some((records, end)) = body.split_last_chunk::<END_BYTES>() else { return Err(Cause::Length) };
        let mut rest = records;
        let mut checksum = 0;
        for sequence in (self.first_sequence..).take(self.count as usize) {
            let Some((record, after)) = RecordView::split(rest) else {
                return Err(Cause::RecordChecksum { sequence });
            };
            checksum = crc32c_append(checksum, record.covered);
            if checksum != record.checksum {
                return Err(Cause::RecordChecksum { sequence });
            }
            if record.sequence != sequence {
                return Err(Cause::Sequence { expected: sequence, found: record.sequence });
            }
            rest = after;
        }
        if checksum != self.records {
            return Err(Cause::Chain);
        }
        let padding = rest.len() < ALIGNMENT && rest.iter().all(|byte| *byte == 0);
        if !padding || *end != encode_end(self.end(0)) {
            return Err(Cause::BatchEnd);
        }
        Ok(())
    }
}

/// A record inside a batch body.
pub(crate) struct RecordView<'a> {
    checksum: u32,
    /// What the checksum covers: length, sequence, payload.
    covered: &'a [u8],
    pub(crate) sequence: u64,
    pub(crate) payload: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// The record at the start of `bytes` and what follows it; `None` when its length does not fit.
    pub(crate) fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let header = bytes.first_chunk::<RECORD_HEADER_BYTES>()?;
        let end = RECORD_HEADER_BYTES.checked_add(u32_at(header, 4) as usize)?;
        let record = bytes.get(..end)?;
        let view = Self {
            checksum: u32_at(header, 0),
            covered: &record[4..],
            sequence: u64_at(header, 8),
            payload: &record[RECORD_HEADER_BYTES..],
        };
        Some((view, &bytes[end..]))
    }
}
