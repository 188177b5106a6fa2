//! Names of market streams.

use std::fmt;

use model::Symbol;

/// Longest name that is taken.
const MAX_LEN: usize = 128;

/// What a stream of one market carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// `@depth`: changes of the book, every second.
    Depth,
    /// `@depth@1000ms`: the same under its long name.
    Depth1000,
    /// `@depth@100ms`: changes of the book, every 100 ms.
    Depth100,
    /// `@trade`: every trade.
    Trade,
    /// `@bookTicker`: the best bid and ask whenever they change.
    BookTicker,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Depth, Self::Depth1000, Self::Depth100, Self::Trade, Self::BookTicker];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Depth1000 => "depth@1000ms",
            Self::Depth100 => "depth@100ms",
            Self::Trade => "trade",
            Self::BookTicker => "bookTicker",
        }
    }
}

/// A stream of one market; its text is the name that clients subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Channel {
    /// The market.
    pub(crate) symbol: Symbol,
    /// What it carries.
    pub(crate) kind: Kind,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.symbol.as_str().to_ascii_lowercase(), self.kind.suffix())
    }
}

/// The text cannot be the name of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidName;

/// Reads the name of a stream: `None` when it is well formed but nothing is published under it.
///
/// Clients make connections under made-up names (ccxt opens `/ws/0`, `/ws/1` …) and subscribe to streams that this exchange does
/// not have, so a name is refused only for its characters or length.
pub(crate) fn parse(text: &str) -> Result<Option<Channel>, InvalidName> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'!' | b'_' | b'-' | b'+' | b':' | b'.');
    if text.is_empty() || text.len() > MAX_LEN || !text.bytes().all(legal) {
        return Err(InvalidName);
    }
    let Some((symbol, suffix)) = text.split_once('@') else { return Ok(None) };
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.suffix() == suffix) else { return Ok(None) };
    // Names of streams are in lower case, those of markets in upper case.
    if symbol.bytes().any(|b| b.is_ascii_uppercase()) {
        return Ok(None);
    }
    Ok(Symbol::new(&symbol.to_ascii_uppercase()).map(|symbol| Channel { symbol, kind }))
}

#[cfg(test)]
mod tests {
    use super::{Channel, InvalidName, Kind, parse};
    use model::Symbol;

    #[test]
    fn known_names_come_back_as_they_were() {
        for (text, kind) in [
            ("btcusdt@depth", Kind::Depth),
            ("btcusdt@depth@100ms", Kind::Depth100),
            ("btcusdt@depth@1000ms", Kind::Depth1000),
            ("btcusdt@trade", Kind::Trade),
            ("btcusdt@bookTicker", Kind::BookTicker),
        ] {
            let channel = Channel { symbol: Symbol::new("BTCUSDT").unwrap(), kind };
            assert_eq!(parse(text), Ok(Some(channel)));
            assert_eq!(channel.to_string(), text);
        }
    }

    #[test]
    fn unknown_names_are_taken() {
        for text in [
            "0",
            "btcusdt",
            "BTCUSDT@depth",
            "btcusdt@depth@50ms",
            "btcusdt@bookticker",
            "btcusdt@depth20@100ms",
            "btcusdt@kline_1m@+08:00",
            "!miniTicker@arr@1000ms",
            "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1",
            "@trade",
        ] {
            assert_eq!(parse(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in
            ["", "not a stream", "btc/usdt@depth", "btcusdt@depth\"", "btcusdt@dépth", "a\u{0}", &"a".repeat(129)]
        {
            assert_eq!(parse(text), Err(InvalidName), "{text}");
        }
    }
}
