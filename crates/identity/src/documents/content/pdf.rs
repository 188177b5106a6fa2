//! PDF (ISO 32000).

use super::{holds, holds_word};

const BEGIN: &[u8] = b"%PDF-";
const END: &[u8] = b"%%EOF";
const TABLE_AT: &[u8] = b"startxref";
/// Between the place of the table and the end stand a number and some white space.
const FOOTER_BYTES: usize = 64;
/// Names of what runs or hides something when the file is opened.
const ACTIVE: [&[u8]; 4] = [b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia"];

/// Checks its beginning, its end, where its table is, and that nothing runs when it is opened. What is compressed in it is not looked into.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let version = bytes.strip_prefix(BEGIN).ok_or("the PDF must begin with %PDF-")?;
    if !matches!(version.first(), Some(b'1' | b'2')) || version.get(1) != Some(&b'.') {
        return Err("the PDF has no version that is known");
    }
    let body = bytes.trim_ascii_end();
    // A line end, and no more: what comes after it could be another file.
    if bytes.len() - body.len() > 2 {
        return Err("the PDF must end after %%EOF");
    }
    let body = body.strip_suffix(END).ok_or("the PDF must end after %%EOF")?;
    table(bytes, body).ok_or("the PDF's table is not where it says")?;
    if ACTIVE.iter().any(|name| holds(bytes, name)) || holds_word(bytes, b"javascript:") {
        return Err("the PDF must not run or hold anything");
    }
    Ok(())
}

/// Whether the place of the cross-reference table, named before the end, is that of one (7.5.5, 7.5.8).
fn table(bytes: &[u8], body: &[u8]) -> Option<()> {
    let footer = &body[body.len().saturating_sub(FOOTER_BYTES)..];
    let at = footer.windows(TABLE_AT.len()).rposition(|part| part == TABLE_AT)?;
    let number = std::str::from_utf8(footer[at + TABLE_AT.len()..].trim_ascii()).ok()?;
    let there = bytes.get(number.parse::<usize>().ok()?..)?.trim_ascii_start();
    let is_table = there.starts_with(b"xref") || there.first().is_some_and(u8::is_ascii_digit);
    is_table.then_some(())
}
