//! Decimal text against an oracle that works on the text itself.

use model::decimal::{self, DecimalError, MAX_DECIMALS, MAX_TEXT};

/// One byte for the decimals, one for those to print, then the text.
pub fn run(data: &[u8]) {
    let [decimals, least, rest @ ..] = data else { return };
    let (decimals, least) = (decimals % (MAX_DECIMALS + 1), least % (MAX_DECIMALS + 1));
    if let Ok(text) = std::str::from_utf8(rest) {
        let parsed = decimal::parse(text, decimals);
        assert_eq!(parsed, oracle(text, decimals), "{text:?} with {decimals} decimals");
        if let Ok(value) = parsed {
            printed(value, decimals, least);
        }
    }
    if let Some(bytes) = rest.first_chunk() {
        printed(i64::from_le_bytes(*bytes), decimals, least);
    }
}

/// What is printed is plain, has the decimals that were asked for, and is read back.
fn printed(value: i64, decimals: u8, least: u8) {
    let text = decimal::format(value, decimals, least);
    assert_eq!(decimal::parse(&text, decimals), Ok(value), "{text}");
    let unsigned = text.strip_prefix('-').unwrap_or(&text);
    assert_eq!(text.len() != unsigned.len(), value < 0, "{text}");
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    assert_eq!(fraction.len(), usize::from(decimals.max(least)), "{text}");
    assert!(whole == "0" || !whole.is_empty() && !whole.starts_with('0'), "{text}");
    assert_eq!(unsigned.contains('.'), !fraction.is_empty(), "{text}");
    let zeros = "0".repeat(usize::from(least.saturating_sub(decimals)));
    assert_eq!(
        format!("{whole}{fraction}").parse(),
        format!("{}{zeros}", value.unsigned_abs()).parse::<u128>(),
        "{text}"
    );
}

/// The rules of [`decimal::parse`], on the digits as text: moves the point and lets the standard library read the number.
pub(super) fn oracle(text: &str, decimals: u8) -> Result<i64, DecimalError> {
    if text.len() > MAX_TEXT {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
        return Err(if plain { DecimalError::TooLarge } else { DecimalError::Malformed });
    }
    let (sign, unsigned) = if let Some(rest) = text.strip_prefix('-') { ("-", rest) } else { ("", text) };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return Err(DecimalError::Malformed);
    }
    let places = usize::from(decimals);
    let (kept, excess) = fraction.split_at_checked(places).unwrap_or((fraction, ""));
    if excess.bytes().any(|byte| byte != b'0') {
        return Err(DecimalError::TooPrecise);
    }
    let shifted = format!("{sign}0{whole}{kept:0<places$}");
    shifted.parse().map_err(|_| DecimalError::TooLarge)
}
