//! Integer money. No float, no rounding, no operator across assets.

macro_rules! units {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// Sum, or `None` on overflow.
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(v) => Some(Self(v)),
                    None => None,
                }
            }

            /// Difference, or `None` on overflow.
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                match self.0.checked_sub(other.0) {
                    Some(v) => Some(Self(v)),
                    None => None,
                }
            }

            /// Whether the value is above zero.
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }
        }
    };
}

units!(
    /// Ledger units of one asset: 10^-scale of it.
    Amount
);
units!(
    /// Quote per base in a market's price decimals.
    Price
);
units!(
    /// Base in a market's quantity decimals.
    Quantity
);
