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
}

/// What happens when an order would trade with another order of its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SelfTrade {
    /// They trade.
    None = 0,
    /// What is left of the incoming order expires.
    ExpireTaker = 1,
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
from_code!(OrderType { 0 => Limit, 1 => Market, 2 => LimitMaker });
from_code!(TimeInForce { 0 => Gtc, 1 => Ioc, 2 => Fok });
from_code!(SelfTrade { 0 => None, 1 => ExpireTaker });

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
