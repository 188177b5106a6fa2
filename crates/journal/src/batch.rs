//! Framing of records, apart from the disk.

use crc32c::crc32c_append;

use crate::error::Error;
use crate::format::{
    ALIGNMENT, BATCH_HEADER_BYTES, BATCH_OVERHEAD_BYTES, BatchHeader, END_BYTES, RECORD_HEADER_BYTES, encode_end,
    u32_at,
};

/// Records, framed in one reusable buffer, that reach the disk together or not at all.
///
/// Another thread than the journal's can fill it. It costs one allocation in its life once it has grown.
#[derive(Debug, Default)]
pub struct Batch {
    /// Room for the header, then the framed records, then (once sealed) padding and end.
    buffer: Vec<u8>,
    /// Where the records end in `buffer`.
    records_end: usize,
    count: usize,
    first_sequence: u64,
    largest_payload: usize,
    /// The first push out of order: expected, found.
    misplaced: Option<(u64, u64)>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all records and keeps the buffer.
    pub fn clear(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        *self = Self { buffer, ..Self::default() };
        self.buffer.clear();
    }

    /// Frames one record. `write` appends the payload to the buffer it is given and must leave the bytes before it.
    ///
    /// Sequences must be dense; a gap is refused by [`Journal::append`](crate::Journal::append), not here, so that the
    /// hot path has no error to handle.
    pub fn push(&mut self, sequence: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let start = if self.count == 0 {
            self.first_sequence = sequence;
            BATCH_HEADER_BYTES
        } else {
            let expected = self.first_sequence + self.count as u64;
            if sequence != expected && self.misplaced.is_none() {
                self.misplaced = Some((expected, sequence));
            }
            self.records_end
        };
        // Cuts the seal of a batch that was appended and goes on, or makes room for the header.
        self.buffer.resize(start + RECORD_HEADER_BYTES, 0);
        write(&mut self.buffer);
        let payload = self.buffer.len().saturating_sub(start + RECORD_HEADER_BYTES);
        // A payload over 4 GiB cannot be told here; `largest_payload` makes the journal refuse the batch.
        let length = u32::try_from(payload).unwrap_or(u32::MAX);
        let record = &mut self.buffer[start..];
        record[4..8].copy_from_slice(&length.to_le_bytes());
        record[8..16].copy_from_slice(&sequence.to_le_bytes());
        self.records_end = self.buffer.len();
        self.largest_payload = self.largest_payload.max(payload);
        self.count += 1;
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.count
    }

    /// True without records.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes that will be written at most, to compare with
    /// [`Config::max_batch_bytes`](crate::Config::max_batch_bytes); 0 when empty.
    pub fn len_bytes(&self) -> u64 {
        if self.count == 0 { 0 } else { (self.records_end + BATCH_OVERHEAD_BYTES - BATCH_HEADER_BYTES) as u64 }
    }

    /// The first sequence, `None` when empty.
    pub fn first_sequence(&self) -> Option<u64> {
        (self.count > 0).then_some(self.first_sequence)
    }

    /// The last sequence, `None` when empty.
    pub fn last_sequence(&self) -> Option<u64> {
        (self.count > 0).then(|| self.first_sequence + (self.count as u64 - 1))
    }

    /// Refuses what may not be written.
    pub(crate) fn check(&self, next: u64, max_payload: u64, max_batch: u64) -> Result<(), Error> {
        if let Some((expected, found)) = self.misplaced {
            return Err(Error::OutOfOrder { expected, found });
        }
        if self.first_sequence != next {
            return Err(Error::OutOfOrder { expected: next, found: self.first_sequence });
        }
        if self.largest_payload as u64 > max_payload {
            return Err(Error::RecordTooLarge { bytes: self.largest_payload as u64, limit: max_payload });
        }
        if self.len_bytes() > max_batch || u32::try_from(self.buffer.len()).is_err() {
            return Err(Error::BatchTooLarge { bytes: self.len_bytes(), limit: max_batch });
        }
        Ok(())
    }

    /// The exact bytes of the batch once sealed.
    pub(crate) fn sealed_bytes(&self) -> u64 {
        (self.records_end.next_multiple_of(ALIGNMENT) + END_BYTES) as u64
    }

    /// Writes checksums, header, padding and end into the buffer; the bytes for the disk and the new chain value.
    /// The batch must have passed [`check`](Self::check). Checksums are formed here, on the thread that waits for the
    /// disk anyway, and not in [`push`](Self::push), where they were two thirds of the cost.
    pub(crate) fn seal(&mut self, identity: u32, previous: u32) -> (&[u8], u32) {
        let records = self.sum_records();
        self.buffer.truncate(self.records_end);
        self.buffer.resize(self.records_end.next_multiple_of(ALIGNMENT), 0);
        self.buffer.extend_from_slice(&encode_end(self.sealed_bytes()));
        let header = BatchHeader {
            length: u32::try_from(self.buffer.len() - BATCH_HEADER_BYTES)
                .expect("check() bounds the buffer to 32 bits"),
            count: u32::try_from(self.count).expect("a record has bytes, which check() bounds to 32 bits"),
            first_sequence: self.first_sequence,
            previous,
            records,
        };
        let (bytes, chain) = header.encode(identity);
        self.buffer[..BATCH_HEADER_BYTES].copy_from_slice(&bytes);
        (&self.buffer, chain)
    }

    /// Writes the checksum of every record, each seeded with the one before; the last one, which so covers all.
    fn sum_records(&mut self) -> u32 {
        let mut checksum = 0;
        let mut start = BATCH_HEADER_BYTES;
        while start < self.records_end {
            let end = start + RECORD_HEADER_BYTES + u32_at(&self.buffer, start + 4) as usize;
            checksum = crc32c_append(checksum, &self.buffer[start + 4..end]);
            self.buffer[start..start + 4].copy_from_slice(&checksum.to_le_bytes());
            start = end;
        }
        checksum
    }
}
