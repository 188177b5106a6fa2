//! PNG (W3C Portable Network Graphics).

use std::io::Cursor;

use png::{Decoder, Limits};

use super::MAX_PIXELS;

const SIGNATURE_BYTES: usize = 8;
/// Length, name and checksum of a chunk.
const AROUND_A_CHUNK: usize = 12;
/// Memory of the decoder: a row of the widest picture, and texts that come with it.
const DECODER_BYTES: usize = 64 << 20;

/// Decodes the picture row by row, and follows its chunks to the last byte.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    if end(bytes) != Some(bytes.len()) {
        return Err("the PNG must end where its picture ends");
    }
    let unreadable = |_| "the PNG cannot be read";
    let decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: DECODER_BYTES });
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let info = reader.info();
    if u64::from(info.width) * u64::from(info.height) > MAX_PIXELS {
        return Err("the picture has more than 50 megapixels");
    }
    if info.animation_control.is_some() {
        return Err("the PNG must not move");
    }
    while reader.next_row().map_err(unreadable)?.is_some() {}
    reader.finish().map_err(unreadable)
}

/// The byte after the chunk that ends the picture, when the chunks lead there.
fn end(bytes: &[u8]) -> Option<usize> {
    let mut at = SIGNATURE_BYTES;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
        let name = bytes.get(at + 4..at + 8)?;
        let next = at.checked_add(AROUND_A_CHUNK)?.checked_add(usize::try_from(length).ok()?)?;
        if name == b"IEND" {
            return (length == 0).then_some(next);
        }
        at = next;
    }
}
