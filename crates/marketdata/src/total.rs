use model::{Amount, Quantity};

/// A sum of quantities or amounts over many trades, in the units of its parts. Wider than they are, so that it cannot
/// overflow: each part fits 63 bits and a market has fewer than 2^63 trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Total(pub i128);

impl Total {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// This sum and another of the same unit.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// Appends the sum in units of `10^-decimals` as plain text with at least `min_decimals` decimals.
    pub fn write(self, out: &mut String, decimals: u8, min_decimals: u8) {
        let digits = self.0.unsigned_abs().to_string();
        let places = usize::from(decimals);
        if self.0 < 0 {
            out.push('-');
        }
        let whole = digits.len().saturating_sub(places);
        out.push_str(if whole == 0 { "0" } else { &digits[..whole] });
        if places == 0 && min_decimals == 0 {
            return;
        }
        out.push('.');
        for _ in digits.len()..places {
            out.push('0');
        }
        out.push_str(&digits[whole..]);
        for _ in decimals..min_decimals {
            out.push('0');
        }
    }

    /// [`Total::write`] into a new string.
    pub fn format(self, decimals: u8, min_decimals: u8) -> String {
        let mut out = String::with_capacity(32);
        self.write(&mut out, decimals, min_decimals);
        out
    }
}

impl From<Quantity> for Total {
    fn from(quantity: Quantity) -> Self {
        Self(i128::from(quantity.0))
    }
}

impl From<Amount> for Total {
    fn from(amount: Amount) -> Self {
        Self(i128::from(amount.0))
    }
}

impl std::ops::AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::Total;
    use proptest::prelude::*;

    #[test]
    fn prints_like_the_decimals_of_the_model_and_beyond_them() {
        for (value, decimals, min, want) in [
            (0, 8, 8, "0.00000000"),
            (0, 0, 0, "0"),
            (5, 0, 8, "5.00000000"),
            (1, 8, 8, "0.00000001"),
            (-23_647, 2, 4, "-236.4700"),
            (100_000_000_000_000_000_000_000_000_000, 8, 8, "1000000000000000000000.00000000"),
        ] {
            assert_eq!(Total(value).format(decimals, min), want);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_model(value in any::<i64>(), decimals in 0u8..=18, min in 0u8..=18) {
            prop_assert_eq!(
                Total(i128::from(value)).format(decimals, min),
                model::decimal::format(value, decimals, min)
            );
        }
    }
}
