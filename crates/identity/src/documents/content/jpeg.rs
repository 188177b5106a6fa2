//! JPEG (ITU-T T.81).

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::MAX_PIXELS;

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;

/// Decodes the picture, and follows its segments to the last byte.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    if end(bytes) != Some(bytes.len()) {
        return Err("the JPEG must end where its picture ends");
    }
    let options = DecoderOptions::new_safe()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        // One value a pixel is the least that shows whether it decodes.
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| "the JPEG cannot be read")?;
    let (width, height) = decoder.dimensions().ok_or("the JPEG has no size")?;
    if (width as u64).saturating_mul(height as u64) > MAX_PIXELS {
        return Err("the picture has more than 50 megapixels");
    }
    decoder.decode().map(drop).map_err(|_| "the JPEG cannot be read")
}

/// The byte after the marker that ends the picture, when the segments lead there.
fn end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    if bytes.get(..2)? != [0xFF, START] {
        return None;
    }
    loop {
        // A marker may be preceded by any number of bytes 0xFF (B.1.1.2).
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        while *bytes.get(at)? == 0xFF {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        match marker {
            END => return Some(at),
            // Markers without a segment, and what is none.
            0 | 0x01 | 0xD0..=0xD8 => return None,
            _ => {}
        }
        let length = u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]);
        at += usize::from(length.max(2));
        if marker == SCAN {
            at = after_scan(bytes, at)?;
        }
    }
}

/// The next marker after the compressed data of a scan: 0xFF that is followed by neither 0 nor a restart (B.1.1.5).
fn after_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let next = *bytes.get(at + 1)?;
        if *bytes.get(at)? == 0xFF && next != 0 && !(0xD0..=0xD7).contains(&next) {
            return Some(at);
        }
        at += 1;
    }
}
