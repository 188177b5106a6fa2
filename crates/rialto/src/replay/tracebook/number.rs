//! Numbers as Python writes its floats, exact.

use model::decimal;

/// A number above or equal to zero: `digits` x 10^`exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    digits: u128,
    exponent: i32,
}

impl Number {
    /// Reads JSON's decimal text, with or without exponent; `None` when it is negative or has too many digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let exponent: i32 = exponent.parse().ok()?;
        Some(Self { digits, exponent: exponent.checked_sub(i32::try_from(fraction.len()).ok()?)? })
    }

    /// As a fraction of units of 10^-decimals.
    fn fraction(self, decimals: u8) -> Option<(u128, u128)> {
        if self.digits == 0 {
            return Some((0, 1));
        }
        let shift = self.exponent.checked_add(i32::from(decimals))?;
        let power = 10_u128.checked_pow(shift.unsigned_abs())?;
        if shift >= 0 { Some((self.digits.checked_mul(power)?, 1)) } else { Some((self.digits, power)) }
    }

    /// In units of 10^-decimals; `None` when it does not fit or would need rounding.
    pub(super) fn units(self, decimals: u8) -> Option<i64> {
        let (number, divisor) = self.fraction(decimals)?;
        if number % divisor == 0 { i64::try_from(number / divisor).ok() } else { None }
    }

    /// On the grid of a tick that is `tick` such units: to the nearest one, a half to the even one.
    pub(super) fn snapped(self, decimals: u8, tick: i64) -> Option<i64> {
        let (number, divisor) = self.fraction(decimals)?;
        let divisor = divisor.checked_mul(u128::from(tick.unsigned_abs()))?;
        let (below, rest) = (number / divisor, number % divisor);
        let half = rest.cmp(&(divisor - rest));
        let up = half.is_gt() || half.is_eq() && below % 2 == 1;
        i64::try_from(below + u128::from(up)).ok()?.checked_mul(tick)
    }
}

/// Units of 10^-decimals as text without needless zeros.
pub(super) fn text(units: i64, decimals: u8) -> String {
    let text = decimal::format(units, decimals, 0);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{Number, text};

    #[test]
    fn numbers_are_read_exactly_and_prices_snap_to_the_nearest_tick() {
        let number = |text: &str| Number::parse(text).unwrap();
        for (text, units) in
            [("5", Some(500)), ("0.25", Some(25)), ("1e-2", Some(1)), ("2.5E+1", Some(2_500)), ("0.001", None)]
        {
            assert_eq!(number(text).units(2), units, "{text}");
        }
        for (text, tick, price) in [
            ("100.004", 1, 10_000),
            ("100.006", 1, 10_001),
            ("0.005", 1, 0),
            ("0.015", 1, 2),
            ("100.13", 25, 10_025),
            ("0.004", 1, 0),
        ] {
            assert_eq!(number(text).snapped(2, tick), Some(price), "{text}");
        }
        for bad in ["-1", "", "x", "1e99999999999", "1.2.3"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
        assert_eq!(number("1e60").units(2), None);
    }

    #[test]
    fn text_has_no_needless_zeros() {
        for (units, decimals, want) in
            [(10_000, 2, "100"), (10_010, 2, "100.1"), (50_000_000, 8, "0.5"), (100, 0, "100")]
        {
            assert_eq!(text(units, decimals), want);
        }
    }
}
