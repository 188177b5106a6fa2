//! A directory of journal files out of bytes.
//!
//! No mutation finds a checksum, so they can be made right here, and so can the links from batch to batch and from segment
//! to segment; all other fields stay as they are.

use std::path::Path;

use crc32c::{crc32c, crc32c_append};

/// Most files of one directory.
const FILES: usize = 4;
const HEADER: usize = 64;
const BATCH_HEADER: usize = 40;
const RECORD_HEADER: usize = 16;
const END: usize = 16;

/// Writes the files that `data` describes: for each a byte (bit 0: a snapshot, bit 1: its number is the rest of the byte
/// and not that of its header), a length of two bytes, and the content.
pub(super) fn write(directory: &Path, data: &[u8], sealed: bool, linked: bool) {
    let mut rest = data;
    let mut link = (0, 0);
    for _ in 0..FILES {
        let [kind, low, high, tail @ ..] = rest else { break };
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(tail.len());
        let (content, after) = tail.split_at(length);
        rest = after;
        let mut content = content.to_vec();
        let is_snapshot = kind & 1 != 0;
        if sealed && content.len() >= HEADER {
            if is_snapshot {
                seal_snapshot(&mut content);
            } else {
                link = seal_segment(&mut content, linked.then_some(link));
            }
        }
        let in_header = if kind & 2 == 0 { content.get(16..24) } else { None };
        let number = in_header.map_or(u64::from(kind >> 2), |field| number_at(field, 0));
        let name =
            if is_snapshot { format!("snapshot-{number:020}.snap") } else { format!("journal-{number:020}.seg") };
        std::fs::write(directory.join(name), content).expect("the temporary directory can be written to");
    }
}

/// All files with their content, by name.
pub(super) fn content(directory: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).expect("the temporary directory can be read");
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name().filter(|name| *name != "journal.lock")?.to_owned();
            Some((name, std::fs::read(path).ok()?))
        })
        .collect();
    files.sort();
    files
}

fn number_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |field| u64::from_le_bytes(*field))
}

fn short_at(bytes: &[u8], at: usize) -> usize {
    bytes[at..].first_chunk().map_or(0, |field| u32::from_le_bytes(*field) as usize)
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn seal_snapshot(bytes: &mut [u8]) {
    let content = crc32c(&bytes[HEADER..]);
    put(bytes, 40, content);
    let header = crc32c(&bytes[..60]);
    put(bytes, 60, header);
}

/// Makes the sums of a segment right, and with `link` (first sequence and chain of the segment before) those fields too;
/// gives the link for the next one.
fn seal_segment(bytes: &mut [u8], link: Option<(u64, u32)>) -> (u64, u32) {
    if let Some((before, chain)) = link {
        bytes[32..40].copy_from_slice(&before.to_le_bytes());
        put(bytes, 40, chain);
    }
    let identity = crc32c(&bytes[..60]);
    put(bytes, 60, identity);
    let first = number_at(bytes, 16);
    let (mut chain, mut at) = (identity, HEADER);
    while let Some(batch) = bytes.get_mut(at..) {
        if batch.len() < BATCH_HEADER + END || !batch.starts_with(b"RJBT") {
            break;
        }
        let length = BATCH_HEADER.saturating_add(short_at(batch, 8));
        let whole = length.min(batch.len());
        chain = seal_batch(&mut batch[..whole], identity, link.map(|_| chain));
        at += whole;
    }
    (first, chain)
}

/// Makes the sums of a batch right, its end too when it is all there; gives its chain value.
fn seal_batch(batch: &mut [u8], identity: u32, previous: Option<u32>) -> u32 {
    let length = BATCH_HEADER.saturating_add(short_at(batch, 8));
    let count = short_at(batch, 12);
    let (mut sum, mut at) = (0, BATCH_HEADER);
    for _ in 0..count {
        if batch.len() < at + RECORD_HEADER {
            break;
        }
        let end = (at + RECORD_HEADER).saturating_add(short_at(batch, at + 4));
        let Some(covered) = batch.get(at + 4..end) else { break };
        sum = crc32c_append(sum, covered);
        put(batch, at, sum);
        at = end;
    }
    put(batch, 28, sum);
    if let Some(previous) = previous {
        put(batch, 24, previous);
    }
    let chain = crc32c_append(identity, &batch[..36]);
    put(batch, 36, chain);
    if batch.len() == length && length >= at + END {
        let end = length - END;
        batch[end..end + 8].copy_from_slice(&(length as u64).to_le_bytes());
        batch[end + 8..].copy_from_slice(b"<RJ-END>");
    }
    chain
}
