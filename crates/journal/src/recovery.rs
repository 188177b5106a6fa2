//! Checks segments and their order: what a start, a verification and a repair have in common.

use std::path::{Path, PathBuf};

use crate::config::Check;
use crate::cursor::{Cursor, Step};
use crate::error::{Cause, Error};
use crate::format::SegmentHeader;
use crate::segment::{self, SegmentFile};
use crate::tail::{self, Tail};

/// A last batch whose write did not finish. Nobody was told that it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// The file.
    pub segment: PathBuf,
    /// Where the torn batch starts, in bytes from the start of the file.
    pub offset: u64,
    /// Bytes from there to the last one that is not zero.
    pub bytes: u64,
}

/// One checked segment.
pub(crate) struct Checked {
    pub(crate) path: PathBuf,
    pub(crate) header: SegmentHeader,
    pub(crate) records: u64,
    pub(crate) batches: u64,
    /// Where the last batch starts and the next one will.
    pub(crate) last_batch: u64,
    pub(crate) end: u64,
    pub(crate) next_sequence: u64,
    pub(crate) chain: u32,
    pub(crate) torn: Option<TornTail>,
    /// The file's length.
    pub(crate) length: u64,
}

impl Checked {
    /// Whether this segment continues the one before, whose first sequence and chain are given; the chain of a damaged
    /// one is unknown.
    pub(crate) fn follows(&self, before: Option<(u64, Option<u32>)>) -> Result<(), Error> {
        // Retention removes the oldest segments, so the first one that is left may name one that is gone.
        let Some((first_sequence, chain)) = before else { return Ok(()) };
        check_link(&self.path, &self.header, first_sequence)?;
        if chain.is_some_and(|chain| chain != self.header.previous_chain) {
            return Err(Error::damaged(&self.path, 0, Cause::Chain));
        }
        Ok(())
    }
}

/// What comes after a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Successor {
    /// Nothing: it is the last one.
    None,
    /// A segment that is not in the directory.
    Missing,
    /// The segment with this first sequence.
    At(u64),
}

impl Successor {
    /// What comes after the segment at `place`.
    pub(crate) fn of(segments: &[SegmentFile], place: usize) -> Self {
        let Some(next) = segments.get(place + 1) else { return Self::None };
        let first_sequence = segments[place].first_sequence;
        match segment::open(next) {
            Ok((_, header, _)) if header.previous_first_sequence > first_sequence => Self::Missing,
            Err(error) if error.is_not_found() => Self::Missing,
            _ => Self::At(next.first_sequence),
        }
    }
}

/// Reads a whole segment.
///
/// # Errors
/// Damage, unless it is a torn tail of the last segment.
pub(crate) fn check_segment(segment: &SegmentFile, successor: Successor) -> Result<Checked, Error> {
    let (mut cursor, length) = Cursor::open(segment)?;
    let (mut batches, mut last_batch) = (0, cursor.offset);
    let damaged = |offset, cause| Err(Error::damaged(&segment.path, offset, cause));
    let mut looked_again = false;
    let (broken, tail) = loop {
        let start = cursor.offset;
        let broken = match cursor.step()? {
            Step::Batch { .. } => {
                (batches, last_batch, looked_again) = (batches + 1, start, false);
                continue;
            }
            Step::Nothing => None,
            Step::Broken(cause @ Cause::Version { .. }) => return damaged(start, cause),
            Step::Broken(cause) => Some(cause),
        };
        let tail = tail::judge(&cursor, length, broken).map_err(Error::io("read", &segment.path))?;
        // Beside a live writer a batch may have come between the two looks.
        if tail == Tail::Clean || looked_again {
            break (broken, tail);
        }
        looked_again = true;
    };
    let end = cursor.offset;
    if let Tail::Damaged(cause) = tail {
        return damaged(end, cause);
    }
    let mut torn = None;
    if let Tail::Torn { end: stop } = tail {
        if successor != Successor::None {
            return damaged(end, broken.unwrap_or(Cause::Stray));
        }
        torn = Some(TornTail { segment: segment.path.clone(), offset: end, bytes: stop - end });
    }
    if let Successor::At(next) = successor
        && next != cursor.expected
    {
        return damaged(end, Cause::Gap { expected: cursor.expected, next });
    }
    // A crash never shortens a file that was synced at its full length. One zero byte where the next batch would start
    // proves that only zeros are gone; otherwise acknowledged batches can be among what is gone.
    let cut = length < cursor.header.segment_bytes && successor == Successor::None;
    if cut && (torn.is_some() || length <= end) {
        return damaged(length, Cause::Shortened { allocated: cursor.header.segment_bytes });
    }
    Ok(Checked {
        path: segment.path.clone(),
        header: cursor.header,
        records: cursor.expected - cursor.header.first_sequence,
        batches,
        last_batch,
        end,
        next_sequence: cursor.expected,
        chain: cursor.chain,
        torn,
        length,
    })
}

/// Whether the header names the segment before it.
fn check_link(path: &Path, header: &SegmentHeader, before: u64) -> Result<(), Error> {
    let named = header.previous_first_sequence;
    if named > before {
        return Err(Error::MissingSegment { missing: named, segment: path.to_path_buf() });
    }
    if named < before {
        return Err(Error::damaged(path, 0, Cause::Chain));
    }
    Ok(())
}

/// All segments of a directory, checked, without changing anything.
pub(crate) struct Walk {
    /// The oldest sequence that is there.
    pub(crate) first_sequence: u64,
    pub(crate) segments: usize,
    pub(crate) last: Checked,
}

/// Checks what `check` asks for; `None` when there is no segment.
pub(crate) fn walk(directory: &Path, check: Check) -> Result<Option<Walk>, Error> {
    let segments = segment::list(directory)?;
    // The order comes before the content, so that a missing segment is named, not the gap that it leaves.
    for pair in segments.windows(2) {
        let (_, header, _) = segment::open(&pair[1])?;
        check_link(&pair[1].path, &header, pair[0].first_sequence)?;
    }
    let mut last: Option<Checked> = None;
    for (place, segment) in segments.iter().enumerate() {
        let successor = Successor::of(&segments, place);
        if let (Check::From(sequence), Successor::At(next)) = (check, successor)
            && next <= sequence
        {
            continue;
        }
        let checked = check_segment(segment, successor)?;
        checked.follows(last.map(|before| (before.header.first_sequence, Some(before.chain))))?;
        last = Some(checked);
    }
    let (Some(first), Some(last)) = (segments.first(), last) else { return Ok(None) };
    Ok(Some(Walk { first_sequence: first.first_sequence, segments: segments.len(), last }))
}
