//! Walks the batches of one segment and checks every byte of them.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::error::{Cause, Error};
use crate::format::{BATCH_HEADER_BYTES, BatchHeader, LEAST_BATCH_BYTES, SEGMENT_HEADER_BYTES, SegmentHeader, index};
use crate::segment::{self, SegmentFile};

/// The least that is read at once: what a follower at the end reads to see that nothing came.
const LEAST_WINDOW_BYTES: u64 = 4 << 10;
/// The most that is read at once, unless one batch is larger.
const MOST_WINDOW_BYTES: u64 = 512 << 10;

/// What stands at the cursor's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A whole batch; the cursor stands after it. Its records are at `range` of [`Cursor::window`] until the next step.
    Batch { count: u32, range: Range<usize> },
    /// Zeros, or the end of the segment: nothing was written here.
    Nothing,
    /// Something that is no whole batch: one that is being written, a torn one, or damage.
    Broken(Cause),
}

/// A place in a segment between two batches.
#[derive(Debug)]
pub(crate) struct Cursor {
    file: File,
    pub(crate) path: PathBuf,
    pub(crate) header: SegmentHeader,
    identity: u32,
    /// Where the next batch starts.
    pub(crate) offset: u64,
    /// The sequence that it must start with.
    pub(crate) expected: u64,
    /// The chain value that it must continue.
    pub(crate) chain: u32,
    pub(crate) window: Vec<u8>,
    window_at: u64,
    window_bytes: u64,
}

impl Cursor {
    /// Stands before the first batch of a segment; also the file's length.
    pub(crate) fn open(segment: &SegmentFile) -> Result<(Self, u64), Error> {
        let (file, header, length) = segment::open(segment)?;
        let identity = header.identity();
        let cursor = Self {
            file,
            path: segment.path.clone(),
            header,
            identity,
            offset: SEGMENT_HEADER_BYTES as u64,
            expected: header.first_sequence,
            chain: identity,
            window: Vec::new(),
            window_at: 0,
            window_bytes: LEAST_WINDOW_BYTES,
        };
        Ok((cursor, length))
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn identity(&self) -> u32 {
        self.identity
    }

    /// Takes one batch. What was read ahead may be older than the file, so anything but a whole batch is read again.
    pub(crate) fn step(&mut self) -> Result<Step, Error> {
        let mut step = self.step_in_window()?;
        if !matches!(step, Step::Batch { .. }) {
            self.forget_window();
            step = self.step_in_window()?;
            if !matches!(step, Step::Batch { .. }) {
                self.forget_window();
            }
        }
        Ok(step)
    }

    fn forget_window(&mut self) {
        self.window.clear();
        self.window_bytes = LEAST_WINDOW_BYTES;
    }

    fn step_in_window(&mut self) -> Result<Step, Error> {
        if self.header.segment_bytes.saturating_sub(self.offset) < LEAST_BATCH_BYTES as u64 {
            return Ok(Step::Nothing);
        }
        let head = self.load(BATCH_HEADER_BYTES)?;
        let bytes = &self.window[head];
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(Step::Nothing);
        }
        let (header, chain) = match BatchHeader::decode(bytes, self.identity) {
            Ok(decoded) => decoded,
            Err(cause) => return Ok(Step::Broken(cause)),
        };
        if let Err(cause) = self.follows(&header) {
            return Ok(Step::Broken(cause));
        }
        let length = BATCH_HEADER_BYTES + header.length as usize;
        // A header can claim more than the file has; memory is for what is there.
        if length as u64 > MOST_WINDOW_BYTES && header.end(self.offset) > self.file_bytes()? {
            return Ok(Step::Broken(Cause::Length));
        }
        let range = self.load(length)?;
        if range.len() < length {
            return Ok(Step::Broken(Cause::Length));
        }
        let body = range.start + BATCH_HEADER_BYTES..range.end;
        if let Err(cause) = header.check_body(&self.window[body.clone()]) {
            return Ok(Step::Broken(cause));
        }
        self.offset = header.end(self.offset);
        self.expected += u64::from(header.count);
        self.chain = chain;
        Ok(Step::Batch { count: header.count, range: body })
    }

    /// Whether a batch with this header may stand here.
    pub(crate) fn follows(&self, header: &BatchHeader) -> Result<(), Cause> {
        if header.first_sequence != self.expected {
            return Err(Cause::Sequence { expected: self.expected, found: header.first_sequence });
        }
        if header.previous != self.chain {
            return Err(Cause::Chain);
        }
        if header.end(self.offset) > self.header.segment_bytes {
            return Err(Cause::Length);
        }
        Ok(())
    }

    fn file_bytes(&self) -> Result<u64, Error> {
        let metadata = self.file.metadata().map_err(Error::io("read the length of", &self.path))?;
        Ok(metadata.len())
    }

    /// Brings `length` bytes from the cursor's place on into the window, or as many as the file has.
    fn load(&mut self, length: usize) -> Result<Range<usize>, Error> {
        let ahead = index(self.offset.saturating_sub(self.window_at));
        if self.offset < self.window_at || ahead.saturating_add(length) > self.window.len() {
            let bytes = self.window_bytes.max(length as u64).min(self.header.segment_bytes - self.offset);
            self.window.resize(index(bytes), 0);
            let read = read_at_most(&self.file, &mut self.window, self.offset).map_err(Error::io("read", &self.path));
            self.window.truncate(read.as_ref().map_or(0, |read| *read));
            read?;
            self.window_at = self.offset;
            self.window_bytes = (self.window_bytes * 2).min(MOST_WINDOW_BYTES);
        }
        let start = index(self.offset - self.window_at);
        Ok(start..self.window.len().min(start + length))
    }
}

/// Fills `buffer` from `offset` on as far as the file goes; the number of bytes.
pub(crate) fn read_at_most(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
