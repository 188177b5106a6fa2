//! Assets and markets: what may be traded, in which units, under which filters and fees.

use crate::{Amount, AssetId, MarketId, Price, Quantity, decimal::MAX_DECIMALS};

/// A short upper-case name such as `BTC` or `BTCUSDT`: 1 to 20 characters of `A-Z 0-9`, kept inline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    len: u8,
    bytes: [u8; Self::MAX_LEN],
}

impl Symbol {
    /// Longest symbol, in characters.
    pub const MAX_LEN: usize = 20;

    /// Checks and copies the text; `None` when it is no symbol.
    pub fn new(text: &str) -> Option<Self> {
        let source = text.as_bytes();
        let legal = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        if source.is_empty() || source.len() > Self::MAX_LEN || !source.iter().all(legal) {
            return None;
        }
        let mut bytes = [0; Self::MAX_LEN];
        bytes[..source.len()].copy_from_slice(source);
        Some(Self { len: u8::try_from(source.len()).ok()?, bytes })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // The constructor lets only ASCII in.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl std::fmt::Debug for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that accounts own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Its name, for instance `BTC`.
    pub symbol: Symbol,
    /// Decimals of one ledger unit: an [`Amount`] counts 10^-scale.
    pub scale: u8,
}

/// Inclusive bounds and a step: a value is inside when `min <= value <= max` and it is a multiple of `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Smallest value.
    pub min: i64,
    /// Largest value.
    pub max: i64,
    /// Step; the value must be a multiple of it.
    pub step: i64,
}

impl Range {
    /// Whether the value is inside.
    #[inline]
    pub const fn contains(&self, value: i64) -> bool {
        value >= self.min && value <= self.max && (self.step == 1 || value % self.step == 0)
    }

    const fn is_valid(&self) -> bool {
        self.min > 0 && self.max >= self.min && self.step > 0 && self.min % self.step == 0
    }
}

/// Maker and taker fee in parts per million of the received amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fees {
    /// Paid by the order that rested.
    pub maker_ppm: u32,
    /// Paid by the order that came in.
    pub taker_ppm: u32,
}

impl Fees {
    /// Highest fee that a market may have: 10 %.
    pub const MAX_PPM: u32 = 100_000;
}

/// What an order must satisfy. Named after the filters of the Binance API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters {
    /// PRICE_FILTER, in [`Price`] units; the step is the tick.
    pub price: Range,
    /// LOT_SIZE, in [`Quantity`] units; the step is the lot.
    pub lot: Range,
    /// MARKET_LOT_SIZE, in [`Quantity`] units, for market orders by quantity.
    pub market_lot: Range,
    /// NOTIONAL: least price x quantity, in quote ledger units.
    pub min_notional: Amount,
    /// NOTIONAL: most price x quantity, in quote ledger units.
    pub max_notional: Amount,
    /// MAX_NUM_ORDERS: most open orders of one account in this market.
    pub max_open_orders: u32,
}

/// A market: one order book between two assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Market {
    /// Its id.
    pub id: MarketId,
    /// Its name, for instance `BTCUSDT`.
    pub symbol: Symbol,
    /// What is bought and sold.
    pub base: AssetId,
    /// What is paid with.
    pub quote: AssetId,
    /// Decimals of a [`Price`].
    pub price_decimals: u8,
    /// Decimals of a [`Quantity`].
    pub quantity_decimals: u8,
    /// Order filters.
    pub filters: Filters,
    /// Fees.
    pub fees: Fees,
}

/// Why a market is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarketError {
    /// Base and quote are one asset.
    #[error("base and quote must differ")]
    SameAsset,
    /// `price_decimals + quantity_decimals` exceeds the quote's scale, so a notional would need rounding.
    #[error("price decimals + quantity decimals must not exceed the quote asset's scale")]
    NotionalNotExact,
    /// `quantity_decimals` exceeds the base's scale.
    #[error("quantity decimals must not exceed the base asset's scale")]
    QuantityNotExact,
    /// A range with a bound or step that is not positive, or bounds that do not fit the step.
    #[error("a filter's bounds and step must be positive, and the minimum a multiple of the step")]
    InvalidFilter,
    /// A fee above [`Fees::MAX_PPM`].
    #[error("a fee must not exceed 10 %")]
    FeeTooHigh,
    /// More decimals than anything may have.
    #[error("too many decimals")]
    TooManyDecimals,
}

impl Market {
    /// Ledger units of base in one [`Quantity`] unit, given the base's scale.
    pub const fn base_unit(&self, base_scale: u8) -> i64 {
        10i64.pow((base_scale - self.quantity_decimals) as u32)
    }

    /// Ledger units of quote in one unit of price x quantity, given the quote's scale.
    pub const fn quote_unit(&self, quote_scale: u8) -> i64 {
        10i64.pow((quote_scale - self.price_decimals - self.quantity_decimals) as u32)
    }

    /// Checks the market against the scales of its two assets.
    pub fn validate(&self, base_scale: u8, quote_scale: u8) -> Result<(), MarketError> {
        if self.base == self.quote {
            return Err(MarketError::SameAsset);
        }
        if self.price_decimals > MAX_DECIMALS || self.quantity_decimals > MAX_DECIMALS {
            return Err(MarketError::TooManyDecimals);
        }
        if self.price_decimals + self.quantity_decimals > quote_scale {
            return Err(MarketError::NotionalNotExact);
        }
        if self.quantity_decimals > base_scale {
            return Err(MarketError::QuantityNotExact);
        }
        let filters = &self.filters;
        if !(filters.price.is_valid() && filters.lot.is_valid() && filters.market_lot.is_valid())
            || filters.market_lot.step % filters.lot.step != 0
            || filters.min_notional.0 < 0
            || filters.max_notional < filters.min_notional
        {
            return Err(MarketError::InvalidFilter);
        }
        if self.fees.maker_ppm > Fees::MAX_PPM || self.fees.taker_ppm > Fees::MAX_PPM {
            return Err(MarketError::FeeTooHigh);
        }
        Ok(())
    }

    /// Exact quote amount of a price and a quantity, in quote ledger units; `None` when it does not fit.
    pub fn notional(&self, price: Price, quantity: Quantity, quote_scale: u8) -> Option<Amount> {
        let product = i128::from(price.0) * i128::from(quantity.0) * i128::from(self.quote_unit(quote_scale));
        i64::try_from(product).ok().map(Amount)
    }
}
