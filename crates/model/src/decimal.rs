//! Exact decimal text, in and out. The only door between text and integers for money.

/// Why a decimal text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Empty, a sign alone, a letter, an exponent, two points, NaN and the like.
    #[error("not a plain decimal number")]
    Malformed,
    /// More decimals than the unit has, other than trailing zeros.
    #[error("too many decimals")]
    TooPrecise,
    /// Does not fit in the range of the integer, or is longer than [`MAX_TEXT`] characters.
    #[error("number too large")]
    TooLarge,
}

/// Longest text that is looked at, in bytes.
pub const MAX_TEXT: usize = 40;
/// Most decimals a unit may have.
pub const MAX_DECIMALS: u8 = 18;

/// Parses plain decimal text (`-?digits[.digits]`) into units of `10^-decimals`.
///
/// Exact: text that would need rounding is [`DecimalError::TooPrecise`]. No exponent, no leading plus, no white space.
pub fn parse(text: &str, decimals: u8) -> Result<i64, DecimalError> {
    let bytes = text.as_bytes();
    if bytes.len() > MAX_TEXT {
        return Err(if bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-')) {
            DecimalError::TooLarge
        } else {
            DecimalError::Malformed
        });
    }
    let (negative, digits) = match bytes.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let mut value: i128 = 0;
    let mut seen_digit = false;
    let mut fraction: Option<u8> = None;
    let mut excess = false;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                seen_digit = true;
                let digit = i128::from(byte - b'0');
                if let Some(count) = &mut fraction {
                    if *count == decimals {
                        excess |= digit != 0;
                        continue;
                    }
                    *count += 1;
                }
                // 40 digits do not fit in i128; saturation is enough, since anything above i64 is refused below.
                value = value.saturating_mul(10).saturating_add(digit);
            }
            b'.' if fraction.is_none() => fraction = Some(0),
            _ => return Err(DecimalError::Malformed),
        }
    }
    if !seen_digit {
        return Err(DecimalError::Malformed);
    }
    if excess {
        return Err(DecimalError::TooPrecise);
    }
    for _ in fraction.unwrap_or(0)..decimals {
        value = value.saturating_mul(10);
    }
    if negative {
        value = -value;
    }
    i64::try_from(value).map_err(|_| DecimalError::TooLarge)
}

/// Appends `value` units of `10^-decimals` as plain text with at least `min_decimals` decimals.
pub fn write(out: &mut String, value: i64, decimals: u8, min_decimals: u8) {
    let magnitude = value.unsigned_abs();
    let mut buffer = [b'0'; 64];
    let mut at = buffer.len();
    let mut rest = magnitude;
    let mut written = 0u8;
    for _ in decimals..min_decimals {
        at -= 1;
    }
    while written < decimals || rest > 0 || written == decimals {
        if written == decimals && (decimals > 0 || min_decimals > 0) {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        // rest % 10 is a digit
        buffer[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        written = written.saturating_add(1);
    }
    if value < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    out.push_str(std::str::from_utf8(&buffer[at..]).unwrap_or_default());
}

/// [`write()`] into a new string.
pub fn format(value: i64, decimals: u8, min_decimals: u8) -> String {
    let mut out = String::with_capacity(24);
    write(&mut out, value, decimals, min_decimals);
    out
}

#[cfg(test)]
mod tests {
    use super::{DecimalError, format, parse};
    use proptest::prelude::*;

    #[test]
    fn parses_what_is_exact() {
        for (text, decimals, want) in [
            ("0", 8, 0),
            ("1", 0, 1),
            ("1.", 2, 100),
            (".5", 2, 50),
            ("0.00000001", 8, 1),
            ("236.47", 2, 23_647),
            ("1.50000000000", 2, 150),
            ("-1.5", 1, -15),
            ("9223372036854775807", 0, i64::MAX),
            ("92233720368.54775807", 8, i64::MAX),
        ] {
            assert_eq!(parse(text, decimals), Ok(want), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not() {
        use DecimalError::{Malformed, TooLarge, TooPrecise};
        for (text, decimals, want) in [
            ("", 8, Malformed),
            ("-", 8, Malformed),
            (".", 8, Malformed),
            ("NaN", 8, Malformed),
            ("inf", 8, Malformed),
            ("1e5", 8, Malformed),
            ("+1", 8, Malformed),
            (" 1", 8, Malformed),
            ("1.2.3", 8, Malformed),
            ("1,2", 8, Malformed),
            ("٣", 8, Malformed),
            ("0.001", 2, TooPrecise),
            ("9223372036854775808", 0, TooLarge),
            ("123456789012345678901234567890", 8, TooLarge),
            ("11111111111111111111111111111111111111111111111111", 8, TooLarge),
        ] {
            assert_eq!(parse(text, decimals), Err(want), "{text}");
        }
    }

    #[test]
    fn prints_at_least_the_decimals_asked_for() {
        for (value, decimals, min, want) in [
            (0, 8, 8, "0.00000000"),
            (0, 0, 8, "0.00000000"),
            (0, 0, 0, "0"),
            (5, 0, 0, "5"),
            (1, 8, 8, "0.00000001"),
            (23_647, 2, 8, "236.47000000"),
            (-23_647, 2, 2, "-236.47"),
            (1_123_456_789, 9, 8, "1.123456789"),
            (i64::MIN, 8, 8, "-92233720368.54775808"),
            (100, 2, 2, "1.00"),
        ] {
            assert_eq!(format(value, decimals, min), want);
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(value in any::<i64>(), decimals in 0u8..=18, min in 0u8..=18) {
            prop_assert_eq!(parse(&format(value, decimals, min), decimals), Ok(value));
        }

        #[test]
        fn never_panics(text in "\\PC{0,60}", decimals in 0u8..=18) {
            let _ = parse(&text, decimals);
        }
    }
}
