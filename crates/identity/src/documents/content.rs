//! What an uploaded file is, told by its bytes: a JPEG, a PNG or a PDF from its first byte to its last, and nothing else besides.

mod jpeg;
mod pdf;
mod png;

use super::DocumentError;

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `image/jpeg`.
    Jpeg,
    /// `image/png`.
    Png,
    /// `application/pdf`.
    Pdf,
}

/// Pixels that a picture may have: those of a telephone with 50 megapixels. More would take memory that nobody needs.
pub const MAX_PIXELS: u64 = 50_000_000;

/// What makes a file a page or a program to whoever takes it for one, in small letters.
const PROGRAMS: [&[u8]; 4] = [b"<?php", b"<script", b"<html", b"<!doctype html"];
/// The end of a ZIP archive's directory (APPNOTE 4.3.16). Programs look for it from the end of a file, over a comment of up to 64 KiB.
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_REACH: usize = 65_535 + 22;

impl MediaType {
    const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Pdf];

    /// The name in the database and in the field `Content-Type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the bytes are. A picture is decoded to its end, which takes some tenths of a second and, of a JPEG, a byte a pixel: do it where
    /// nobody waits for the thread.
    ///
    /// # Errors
    /// [`DocumentError::Content`] with what is wrong.
    pub fn of(bytes: &[u8]) -> Result<Self, DocumentError> {
        let told = infer::get(bytes).and_then(|told| Self::from_name(told.mime_type()));
        let kind = told.ok_or(DocumentError::Content("it must be a JPEG, a PNG or a PDF"))?;
        match kind {
            Self::Jpeg => jpeg::check(bytes),
            Self::Png => png::check(bytes),
            Self::Pdf => pdf::check(bytes),
        }
        .and_then(|()| alone(bytes))
        .map_err(DocumentError::Content)?;
        Ok(kind)
    }
}

/// Whether the file is of no other kind as well.
fn alone(bytes: &[u8]) -> Result<(), &'static str> {
    let tail = &bytes[bytes.len().saturating_sub(ZIP_REACH)..];
    if holds(tail, ZIP_END) {
        return Err("it must not hold an archive");
    }
    if PROGRAMS.iter().any(|program| holds_word(bytes, program)) {
        return Err("it must not hold a page or a program");
    }
    Ok(())
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

/// Whether `wanted`, in small letters, stands anywhere in letters of either case.
fn holds_word(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}
