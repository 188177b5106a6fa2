//! What an order says of itself.

/// Buy or sell, seen from the order's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Side {
    /// Pays quote, receives base.
    Buy = 0,
    /// Pays base, receives quote.
    Sell = 1,
}

impl Side {
    /// The side that this one trades with.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

/// How an order meets the book. Numbers are stored; new kinds get new numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OrderType {
    /// At its price or better; what is left rests, unless the time in force says otherwise.
    Limit = 0,
    /// At any price, by quantity or by quote amount; never rests.
    Market = 1,
    /// Limit that is refused when it would trade at once (post-only).
    LimitMaker = 2,
    /// Waits until the market moves against its owner to its stop price, then is a market order.
    StopLoss = 3,
    /// Waits like [`OrderType::StopLoss`], then is a limit.
    StopLossLimit = 4,
    /// Waits until the market moves in its owner's favour to its stop price, then is a market order.
    TakeProfit = 5,
    /// Waits like [`OrderType::TakeProfit`], then is a limit.
    TakeProfitLimit = 6,
}

impl OrderType {
    /// Whether it waits for a trigger before it meets the book.
    pub const fn is_contingent(self) -> bool {
        matches!(self, Self::StopLoss | Self::StopLossLimit | Self::TakeProfit | Self::TakeProfitLimit)
    }

    /// Whether it has a limit price.
    pub const fn has_limit(self) -> bool {
        !matches!(self, Self::Market | Self::StopLoss | Self::TakeProfit)
    }

    /// Which way the last price must move to reach its stop price.
    pub const fn trigger(self, side: Side) -> Trigger {
        let stop = matches!(self, Self::StopLoss | Self::StopLossLimit);
        if stop == matches!(side, Side::Buy) { Trigger::Rising } else { Trigger::Falling }
    }
}

/// Which way a price must move to reach a stop price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Trigger {
    /// Reached at this price or above.
    Rising = 0,
    /// Reached at this price or below.
    Falling = 1,
}

impl Trigger {
    /// Whether a trade at `price` reaches `stop`.
    pub const fn is_reached(self, stop: i64, price: i64) -> bool {
        match self {
            Self::Rising => price >= stop,
            Self::Falling => price <= stop,
        }
    }
}

/// How long an order lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TimeInForce {
    /// Good till cancelled.
    Gtc = 0,
    /// Immediate or cancel: what does not trade at once expires.
    Ioc = 1,
    /// Fill or kill: all at once or nothing.
    Fok = 2,
    /// Good till date: like GTC, but it expires at its time.
    Gtd = 3,
}

impl TimeInForce {
    /// Whether what does not trade at once may rest.
    pub const fn may_rest(self) -> bool {
        matches!(self, Self::Gtc | Self::Gtd)
    }
}

/// What happens when an order would trade with another order of its own trade group: a master account with all its
/// sub-accounts. The incoming order's mode decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SelfTrade {
    /// They trade.
    None = 0,
    /// What is left of the incoming order expires.
    ExpireTaker = 1,
    /// What is left of the resting order expires; the incoming one goes on.
    ExpireMaker = 2,
    /// Both expire.
    ExpireBoth = 3,
    /// Both lose the quantity that would have traded; the smaller, or both, expire.
    Decrement = 4,
}

/// How the orders of a list hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ListKind {
    /// One cancels the other: two orders over one quantity; the first that executes or triggers ends the other.
    Oco = 0,
    /// One triggers the other: the second waits until the first is filled.
    Oto = 1,
    /// One triggers a one-cancels-the-other pair.
    Otoco = 2,
}

impl ListKind {
    /// How many orders such a list has.
    pub const fn orders(self) -> usize {
        match self {
            Self::Oco | Self::Oto => 2,
            Self::Otoco => 3,
        }
    }
}

/// What an open order that is not in the book waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Wait {
    /// It waits for nothing: it rests in the book.
    Nothing = 0,
    /// For its stop price.
    Stop = 1,
    /// It follows the price and waits for a turn by its trailing delta.
    Trailing = 2,
    /// For the working order of its list.
    List = 3,
    /// It is triggered, or its working order is filled, and the market does not trade.
    Market = 4,
}

macro_rules! from_code {
    ($name:ident { $($code:literal => $variant:ident),+ $(,)? }) => {
        impl $name {
            /// The variant with this stored number, if there is one.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
from_code!(Side { 0 => Buy, 1 => Sell });
from_code!(OrderType {
    0 => Limit, 1 => Market, 2 => LimitMaker, 3 => StopLoss, 4 => StopLossLimit, 5 => TakeProfit, 6 => TakeProfitLimit,
});
from_code!(TimeInForce { 0 => Gtc, 1 => Ioc, 2 => Fok, 3 => Gtd });
from_code!(SelfTrade { 0 => None, 1 => ExpireTaker, 2 => ExpireMaker, 3 => ExpireBoth, 4 => Decrement });
from_code!(ListKind { 0 => Oco, 1 => Oto, 2 => Otoco });
from_code!(Wait { 0 => Nothing, 1 => Stop, 2 => Trailing, 3 => List, 4 => Market });

/// A client's own name for an order: up to 36 characters of `[a-zA-Z0-9-_./:]`, or empty for none.
///
/// The character set is that of the Binance rule `^[\.A-Z\:/a-z0-9_-]{1,36}$`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientOrderId {
    len: u8,
    bytes: [u8; Self::MAX_LEN],
}

/// The text is not a client order id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client order id has at most 36 characters out of a-z A-Z 0-9 - _ . / :")]
pub struct ClientOrderIdError;

impl ClientOrderId {
    /// Longest id, in characters.
    pub const MAX_LEN: usize = 36;
    /// No id.
    pub const EMPTY: Self = Self { len: 0, bytes: [0; Self::MAX_LEN] };

    /// Checks and copies the text.
    pub fn new(text: &str) -> Result<Self, ClientOrderIdError> {
        let source = text.as_bytes();
        let legal = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b':');
        if source.len() > Self::MAX_LEN || !source.iter().all(legal) {
            return Err(ClientOrderIdError);
        }
        let mut bytes = [0; Self::MAX_LEN];
        bytes[..source.len()].copy_from_slice(source);
        let len = u8::try_from(source.len()).map_err(|_| ClientOrderIdError)?;
        Ok(Self { len, bytes })
    }

    /// The text; empty when there is none.
    pub fn as_str(&self) -> &str {
        // The constructor lets only ASCII in.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether there is no id.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All bytes, zero-padded, as whole words: what hashes and comparisons read.
    pub fn words(&self) -> [u64; 5] {
        let mut padded = [0u8; 40];
        padded[..Self::MAX_LEN].copy_from_slice(&self.bytes);
        padded[39] = self.len;
        let mut words = [0u64; 5];
        for (word, chunk) in words.iter_mut().zip(padded.chunks_exact(8)) {
            let mut eight = [0u8; 8];
            eight.copy_from_slice(chunk);
            *word = u64::from_le_bytes(eight);
        }
        words
    }
}

impl Default for ClientOrderId {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl std::fmt::Debug for ClientOrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientOrderId({:?})", self.as_str())
    }
}
