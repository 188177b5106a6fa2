//! Reads records in order, also behind a live writer.

use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::cursor::{Cursor, Step};
use crate::error::{Cause, Error};
use crate::format::{RECORD_HEADER_BYTES, RecordView};
use crate::segment::{self, SegmentFile};

/// A record as it was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number.
    pub sequence: u64,
    /// Its content.
    pub payload: &'a [u8],
}

/// Reads from a sequence on. It takes no lock and may live in another process than the writer.
#[derive(Debug)]
pub struct Reader {
    directory: PathBuf,
    cursor: Cursor,
    /// Records before this one are passed over.
    from: u64,
    /// The records of the current batch that are not given out yet, in the cursor's window.
    rest: Range<usize>,
    /// How many those are.
    count: u32,
    /// The sequence of the first of them; without any, the one that the cursor expects.
    next: u64,
}

impl Reader {
    /// Stands before the record `from`, which may be the one that comes next.
    ///
    /// # Errors
    /// [`Error::NoJournal`], [`Error::Trimmed`], [`Error::Beyond`], damage before `from` in its segment.
    pub fn open(directory: &Path, from: u64) -> Result<Self, Error> {
        let segments = segment::list(directory)?;
        let Some(first) = segments.first() else { return Err(Error::NoJournal { path: directory.to_path_buf() }) };
        let Some(segment) = segments.iter().rev().find(|segment| segment.first_sequence <= from) else {
            return Err(Error::Trimmed { requested: from, first_available: first.first_sequence });
        };
        let (cursor, _) = Cursor::open(segment).map_err(|error| trimmed_or(error, directory, from))?;
        let next = cursor.expected;
        let mut reader = Self { directory: directory.to_path_buf(), cursor, from, rest: 0..0, count: 0, next };
        // Walks to the place now, so that a sequence beyond the end is told at once.
        while reader.cursor.expected < from {
            reader.count = 0;
            if !reader.take_batch(None)? {
                return Err(Error::Beyond { requested: from, next: reader.cursor.expected });
            }
        }
        if reader.cursor.expected == from {
            (reader.count, reader.next) = (0, from);
        }
        Ok(reader)
    }

    /// The sequence of the record that the next call returns.
    pub fn next_sequence(&self) -> u64 {
        self.next.max(self.from)
    }

    /// The next record that was written, durable or not yet; `None` at the end for now: call again later.
    ///
    /// Behind a live writer use [`next_until`](Self::next_until): what is returned here can still be lost in a crash.
    ///
    /// # Errors
    /// Damage that whole records after it prove; [`Error::Trimmed`] when retention overtook the reader; [`Error::Io`].
    #[allow(clippy::should_implement_trait, reason = "the record borrows from the reader, as no iterator can")]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, Error> {
        self.advance(None)
    }

    /// The next record, if its sequence is at most `durable`; `None` when all of those were returned.
    ///
    /// # Errors
    /// As [`next`](Self::next), and damage when a record up to `durable` is not there.
    pub fn next_until(&mut self, durable: u64) -> Result<Option<Record<'_>>, Error> {
        self.advance(Some(durable))
    }

    fn advance(&mut self, durable: Option<u64>) -> Result<Option<Record<'_>>, Error> {
        loop {
            if durable.is_some_and(|durable| self.next > durable) {
                return Ok(None);
            }
            if self.count == 0 {
                if !self.take_batch(durable)? {
                    return Ok(None);
                }
                continue;
            }
            let sequence = self.next;
            let payload = self.take_record();
            if sequence >= self.from {
                return Ok(Some(Record { sequence, payload: &self.cursor.window[payload] }));
            }
        }
    }

    /// Where the payload of the next record of the current batch stands; the batch was checked as a whole.
    fn take_record(&mut self) -> Range<usize> {
        let (record, _) = RecordView::split(&self.cursor.window[self.rest.clone()])
            .expect("the cursor checked every record of the batch");
        debug_assert_eq!(record.sequence, self.next);
        let start = self.rest.start + RECORD_HEADER_BYTES;
        let payload = start..start + record.payload.len();
        self.rest.start = payload.end;
        self.count -= 1;
        self.next += 1;
        payload
    }

    /// Goes to the next batch, in the next segment if need be; `false` at the end.
    fn take_batch(&mut self, durable: Option<u64>) -> Result<bool, Error> {
        let mut looked_again = false;
        loop {
            let broken = match self.cursor.step()? {
                Step::Batch { count, range } => return Ok(self.give_out(count, range)),
                Step::Nothing => None,
                Step::Broken(cause @ Cause::Version { .. }) => return Err(self.damaged(cause)),
                Step::Broken(cause) => Some(cause),
            };
            let expected = self.cursor.expected;
            if expected == self.cursor.header.first_sequence {
                if self.reopen_empty()? {
                    continue;
                }
            } else if self.next_segment(expected)? {
                continue;
            }
            let later = segment::list(&self.directory)?.into_iter().find(|file| file.first_sequence > expected);
            if let Some(later) = later {
                // The writer may have gone on since the look at this segment: look again before calling it damage.
                if looked_again {
                    return Err(self.lost(broken, &later));
                }
                looked_again = true;
                continue;
            }
            if durable.is_some_and(|durable| expected <= durable) {
                return Err(self.damaged(broken.unwrap_or(Cause::NotThere { sequence: expected })));
            }
            return Ok(false);
        }
    }

    fn give_out(&mut self, count: u32, range: Range<usize>) -> bool {
        self.next = self.cursor.expected - u64::from(count);
        (self.count, self.rest) = (count, range);
        true
    }

    /// Goes to the segment that starts with `expected`, if it is there.
    fn next_segment(&mut self, expected: u64) -> Result<bool, Error> {
        let path = segment::path(&self.directory, expected);
        if !path.exists() {
            return Ok(false);
        }
        let (cursor, _) = match Cursor::open(&SegmentFile { first_sequence: expected, path }) {
            Err(error) if error.is_not_found() => return Ok(false),
            opened => opened?,
        };
        let continues = cursor.header.previous_chain == self.cursor.chain
            && cursor.header.previous_first_sequence == self.cursor.header.first_sequence;
        if !continues {
            return Err(Error::damaged(&cursor.path, 0, Cause::Chain));
        }
        self.cursor = cursor;
        Ok(true)
    }

    /// A start with other settings replaces an empty segment by a larger one; then this reader must follow.
    fn reopen_empty(&mut self) -> Result<bool, Error> {
        let path = &self.cursor.path;
        let here = self.cursor.file().metadata().map_err(Error::io("look at", path))?;
        match std::fs::metadata(path) {
            Ok(there) if (there.dev(), there.ino()) == (here.dev(), here.ino()) => Ok(false),
            Ok(_) => {
                let first_sequence = self.cursor.header.first_sequence;
                (self.cursor, _) = Cursor::open(&SegmentFile { first_sequence, path: path.clone() })?;
                Ok(true)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("look at", path)(error)),
        }
    }

    fn damaged(&self, cause: Cause) -> Error {
        Error::damaged(&self.cursor.path, self.cursor.offset, cause)
    }

    /// Why the reader cannot go on although a later segment is there.
    fn lost(&self, broken: Option<Cause>, later: &SegmentFile) -> Error {
        let expected = self.cursor.expected;
        if !self.cursor.path.exists() {
            return Error::Trimmed { requested: expected, first_available: later.first_sequence };
        }
        match segment::open(later) {
            Ok((_, header, _)) if header.previous_first_sequence == self.cursor.header.first_sequence => {
                self.damaged(broken.unwrap_or(Cause::Gap { expected, next: later.first_sequence }))
            }
            Ok((_, header, _)) => {
                Error::MissingSegment { missing: header.previous_first_sequence, segment: later.path.clone() }
            }
            Err(error) => error,
        }
    }
}

/// A segment that vanished between the listing and the opening was removed by retention.
fn trimmed_or(error: Error, directory: &Path, requested: u64) -> Error {
    let first = segment::list(directory).ok().and_then(|segments| Some(segments.first()?.first_sequence));
    match first {
        Some(first_available) if error.is_not_found() && first_available > requested => {
            Error::Trimmed { requested, first_available }
        }
        _ => error,
    }
}
