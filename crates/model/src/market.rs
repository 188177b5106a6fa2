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
    /// Every positive number.
    pub const WIDE: Self = Self { min: 1, max: i64::MAX, step: 1 };

    /// Whether the value is inside.
    #[inline]
    pub const fn contains(&self, value: i64) -> bool {
        value >= self.min && value <= self.max && (self.step == 1 || value % self.step == 0)
    }

    const fn is_valid(&self) -> bool {
        self.min > 0 && self.max >= self.min && self.step > 0 && self.min % self.step == 0
    }
}

/// Maker and taker fee in parts per million of the received amount. A negative fee is a rebate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fees {
    /// Paid by the order that rested.
    pub maker_ppm: i32,
    /// Paid by the order that came in.
    pub taker_ppm: i32,
}

impl Fees {
    /// Highest fee, and highest rebate: 10 %.
    pub const MAX_PPM: i32 = 100_000;
    /// No fees.
    pub const FREE: Self = Self { maker_ppm: 0, taker_ppm: 0 };

    /// Whether both are within bounds, and a rebate to one side is not more than the fee of the other.
    pub const fn is_valid(&self) -> bool {
        self.maker_ppm.unsigned_abs() <= Self::MAX_PPM.unsigned_abs()
            && self.taker_ppm.unsigned_abs() <= Self::MAX_PPM.unsigned_abs()
            && self.maker_ppm + self.taker_ppm >= 0
    }
}

/// What a market lets happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum MarketState {
    /// Orders come in, trade, and are cancelled.
    #[default]
    Trading = 0,
    /// Nothing comes in, trades, or is cancelled by its owner.
    Halt = 1,
    /// Orders are cancelled, nothing else.
    CancelOnly = 2,
    /// Orders that rest come in; nothing trades.
    PostOnly = 3,
    /// Limit orders are collected, and may cross; they trade together at one price when the auction ends.
    Auction = 4,
}

impl MarketState {
    /// The variant with this stored number, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Trading),
            1 => Some(Self::Halt),
            2 => Some(Self::CancelOnly),
            3 => Some(Self::PostOnly),
            4 => Some(Self::Auction),
            _ => None,
        }
    }

    /// Its name, for people and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trading => "TRADING",
            Self::Halt => "HALT",
            Self::CancelOnly => "CANCEL_ONLY",
            Self::PostOnly => "POST_ONLY",
            Self::Auction => "AUCTION",
        }
    }
}

/// PERCENT_PRICE_BY_SIDE: how far from the last price a limit may lie, in parts per million of it. All zero: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PercentPrice {
    /// Highest limit of a buy.
    pub bid_up_ppm: u32,
    /// Lowest limit of a buy.
    pub bid_down_ppm: u32,
    /// Highest limit of a sell.
    pub ask_up_ppm: u32,
    /// Lowest limit of a sell.
    pub ask_down_ppm: u32,
}

impl PercentPrice {
    /// No limit.
    pub const OFF: Self = Self { bid_up_ppm: 0, bid_down_ppm: 0, ask_up_ppm: 0, ask_down_ppm: 0 };

    /// Whether there is a limit.
    pub const fn is_on(&self) -> bool {
        self.bid_up_ppm != 0 || self.ask_up_ppm != 0
    }

    const fn is_valid(&self) -> bool {
        let off = self.bid_up_ppm == 0 && self.bid_down_ppm == 0 && self.ask_up_ppm == 0 && self.ask_down_ppm == 0;
        off || (self.bid_up_ppm >= self.bid_down_ppm
            && self.ask_up_ppm >= self.ask_down_ppm
            && self.bid_up_ppm > 0
            && self.ask_up_ppm > 0)
    }
}

/// When trading stops by itself: a trade that would be further than `move_ppm` from the price at which the window began
/// is not made, and the market goes into an auction instead. All zero: never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volatility {
    /// Largest move, in parts per million of the price at the window's begin.
    pub move_ppm: u32,
    /// Length of a window.
    pub window_ms: u32,
    /// Length of the auction.
    pub auction_ms: u32,
}

impl Volatility {
    /// Never.
    pub const OFF: Self = Self { move_ppm: 0, window_ms: 0, auction_ms: 0 };

    /// Whether it can stop trading.
    pub const fn is_on(&self) -> bool {
        self.move_ppm != 0
    }

    const fn is_valid(&self) -> bool {
        let off = self.move_ppm == 0 && self.window_ms == 0 && self.auction_ms == 0;
        off || (self.move_ppm > 0 && self.move_ppm < 1_000_000 && self.window_ms > 0 && self.auction_ms > 0)
    }
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
    /// MAX_NUM_ORDERS: most open orders of one account in this market, those that wait included.
    pub max_open_orders: u32,
    /// MAX_NUM_ALGO_ORDERS: most open contingent orders of one account in this market.
    pub max_algo_orders: u32,
    /// ICEBERG_PARTS: most parts that an iceberg order may be shown in; zero: none are taken.
    pub iceberg_parts: u32,
    /// MAX_POSITION: most base that an account may have or be about to buy, in base ledger units; zero: no limit.
    pub max_position: Amount,
    /// PERCENT_PRICE_BY_SIDE.
    pub percent_price: PercentPrice,
    /// TRAILING_DELTA: smallest and largest trailing delta, in hundredths of a percent; both zero: none are taken.
    pub trailing_delta: [u16; 2],
}

impl Filters {
    /// Bounds so wide that they keep nothing out. For tests, replays, and as the base of settings that name a few.
    pub const WIDE: Self = Self {
        price: Range::WIDE,
        lot: Range::WIDE,
        market_lot: Range::WIDE,
        min_notional: Amount(0),
        max_notional: Amount(i64::MAX),
        max_open_orders: u32::MAX,
        max_algo_orders: u32::MAX,
        iceberg_parts: u32::MAX,
        max_position: Amount(0),
        percent_price: PercentPrice::OFF,
        trailing_delta: [1, 9_999],
    };
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
    /// The market's entry of the fee schedule; none: the schedule's entry for any market applies.
    pub fees: Option<Fees>,
    /// When trading stops by itself.
    pub volatility: Volatility,
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
    #[error(
        "a filter's bounds and step must be positive, the minimum a multiple of the step, and no maximum below its minimum"
    )]
    InvalidFilter,
    /// Fees that are not [`Fees::is_valid`].
    #[error("a fee or rebate must not exceed 10 %, nor a rebate the fee of the other side")]
    InvalidFees,
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
            || filters.max_position.0 < 0
            || !filters.percent_price.is_valid()
            || filters.trailing_delta[0] > filters.trailing_delta[1]
            || filters.trailing_delta[1] > 9_999
            || (filters.trailing_delta[0] == 0) != (filters.trailing_delta[1] == 0)
            || !self.volatility.is_valid()
        {
            return Err(MarketError::InvalidFilter);
        }
        if self.fees.is_some_and(|fees| !fees.is_valid()) {
            return Err(MarketError::InvalidFees);
        }
        Ok(())
    }

    /// Exact quote amount of a price and a quantity, in quote ledger units; `None` when it does not fit.
    pub fn notional(&self, price: Price, quantity: Quantity, quote_scale: u8) -> Option<Amount> {
        let product = i128::from(price.0) * i128::from(quantity.0) * i128::from(self.quote_unit(quote_scale));
        i64::try_from(product).ok().map(Amount)
    }
}
