//! What stands after the last whole batch of a segment: nothing, a torn write, or damage. The README has the reasoning.

use std::io;

use crate::cursor::{Cursor, read_at_most};
use crate::error::Cause;
use crate::format::{ALIGNMENT, BATCH_HEADER_BYTES, BatchHeader, END_BYTES, END_MARK, decode_end, index};

/// Disks write sectors of this size whole or not at all.
const SECTOR_BYTES: u64 = 512;
/// The tail is read in pieces of this size.
const PIECE_BYTES: u64 = 256 << 10;

/// The bytes after the last whole batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Zeros only.
    Clean,
    /// A batch whose write did not finish, so that it was never acknowledged; it ends before offset `end`.
    Torn { end: u64 },
    /// Bytes that were whole once.
    Damaged(Cause),
}

/// Judges what stands at the cursor, where [`Cursor::step`] found no whole batch. `broken` is what it found instead.
pub(crate) fn judge(cursor: &Cursor, length: u64, broken: Option<Cause>) -> io::Result<Tail> {
    let start = cursor.offset;
    let survey = survey(cursor, length)?;
    let end = survey.end;
    if end <= start {
        return Ok(Tail::Clean);
    }
    // The header and the rest of the sector that it ends in.
    let head_end = (start + BATCH_HEADER_BYTES as u64).next_multiple_of(SECTOR_BYTES);
    let mut head = vec![0; index(head_end - start)];
    let read = read_at_most(cursor.file(), &mut head, start)?;
    let Ok((header, _)) = BatchHeader::decode(&head[..read], cursor.identity()) else {
        return Ok(judge_without_header(start, &head, &survey, broken));
    };
    if let Err(cause) = cursor.follows(&header) {
        return Ok(Tail::Damaged(cause));
    }
    let stop = header.end(start);
    if end > stop {
        return Ok(Tail::Damaged(broken.unwrap_or(Cause::Stray)));
    }
    if length < stop {
        // The file was cut inside the batch, so it never got its end; the caller tells this from a torn write.
        return Ok(Tail::Torn { end });
    }
    let mut batch = vec![0; index(stop - start)];
    read_at_most(cursor.file(), &mut batch, start)?;
    if lost_sector(&batch, start) || lost_end(&batch) {
        return Ok(Tail::Torn { end });
    }
    Ok(Tail::Damaged(broken.unwrap_or(Cause::BatchEnd)))
}

/// The header is not there or not whole, so the extent of the batch is unknown.
fn judge_without_header(start: u64, head: &[u8], survey: &Survey, broken: Option<Cause>) -> Tail {
    // A later header, or the end of a batch that started elsewhere: somebody wrote on after this place.
    let later = survey.header_at.or(survey.last_start.filter(|last| *last != start));
    if let Some(at) = later {
        return Tail::Damaged(broken.unwrap_or(Cause::FollowedBy { at }));
    }
    // Without a byte after the header, or without a header and an end mark, nothing was ever whole here.
    let header_only = survey.end <= start + BATCH_HEADER_BYTES as u64;
    let no_header = head.iter().take(BATCH_HEADER_BYTES).all(|byte| *byte == 0);
    if header_only || (no_header && !survey.ends_with_mark) || lost_sector(head, start) {
        return Tail::Torn { end: survey.end };
    }
    Tail::Damaged(broken.unwrap_or(Cause::HeaderChecksum))
}

/// True when what a sector has of these bytes, which stand at `offset`, is all zero: the sector was not written. A
/// written batch has such a sector only when a payload holds at least 512 zeros.
fn lost_sector(bytes: &[u8], offset: u64) -> bool {
    let mut rest = bytes;
    let mut at = offset;
    while !rest.is_empty() {
        let part = index(SECTOR_BYTES - at % SECTOR_BYTES).min(rest.len());
        let (sector, after) = rest.split_at(part);
        if sector.iter().all(|byte| *byte == 0) {
            return true;
        }
        rest = after;
        at += part as u64;
    }
    false
}

/// True when the batch stops before or inside its end mark, with zeros from there on.
fn lost_end(batch: &[u8]) -> bool {
    let Some((_, mark)) = batch.split_last_chunk::<8>() else { return true };
    let written = mark.iter().zip(END_MARK).take_while(|(found, wanted)| **found == *wanted).count();
    written < END_MARK.len() && mark[written..].iter().all(|byte| *byte == 0)
}

/// What a look at all bytes from the cursor on shows.
struct Survey {
    /// The end of the last byte that is not zero.
    end: u64,
    /// True when an end mark stands before `end`.
    ends_with_mark: bool,
    /// Where its batch started; `None` also when the length before the mark was lost with the sector that it is in.
    last_start: Option<u64>,
    /// The first place after the cursor's with a valid batch header of this segment.
    header_at: Option<u64>,
}

fn survey(cursor: &Cursor, length: u64) -> io::Result<Survey> {
    let mut survey = Survey { end: 0, ends_with_mark: false, last_start: None, header_at: None };
    let mut at = cursor.offset;
    let mut piece = Vec::new();
    while at < length {
        // Pieces overlap by a header, so that none is missed at a border.
        piece.resize(index((PIECE_BYTES + BATCH_HEADER_BYTES as u64).min(length - at)), 0);
        let read = read_at_most(cursor.file(), &mut piece, at)?;
        let bytes = &piece[..read];
        if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
            survey.end = at + last as u64 + 1;
            if survey.header_at.is_none() {
                let places = (0..=last).step_by(ALIGNMENT).filter(|place| at + *place as u64 > cursor.offset);
                let found = places.into_iter().find(|place| is_header(&bytes[*place..], cursor.identity()));
                survey.header_at = found.map(|place| at + place as u64);
            }
        }
        if (read as u64) < PIECE_BYTES + BATCH_HEADER_BYTES as u64 {
            break;
        }
        at += PIECE_BYTES;
    }
    let mut end = [0; END_BYTES];
    if let Some(place) = survey.end.checked_sub(END_BYTES as u64) {
        read_at_most(cursor.file(), &mut end, place)?;
        // A length that leads before the file is damage too, for no batch starts there.
        let last = decode_end(&end);
        survey.ends_with_mark = last.is_some();
        survey.last_start = last.filter(|bytes| *bytes != 0).map(|bytes| survey.end.saturating_sub(bytes));
    }
    Ok(survey)
}

/// A header of any version counts: what matters is that somebody wrote on after this place.
fn is_header(bytes: &[u8], identity: u32) -> bool {
    !matches!(
        BatchHeader::decode(bytes, identity),
        Err(Cause::Magic | Cause::HeaderChecksum | Cause::Length | Cause::HeaderMissing)
    )
}
