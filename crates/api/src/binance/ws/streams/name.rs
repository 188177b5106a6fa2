//! Names of market streams.

use std::fmt;

use marketdata::{Frame, Interval, UtcOffset};
use model::Symbol;

/// Longest name that is taken.
const MAX_LEN: usize = 128;
/// What comes before the interval in the names of streams of candles.
const KLINE: &str = "kline_";

/// How often a stream is published, as its name says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Pace {
    /// Nothing: every second.
    Plain,
    /// `@100ms`
    Ms100,
    /// `@1000ms`
    Ms1000,
    /// `@3000ms`
    Ms3000,
}

impl Pace {
    /// In ticks of 100 ms.
    pub(crate) const fn ticks(self) -> u64 {
        match self {
            Self::Ms100 => 1,
            Self::Plain | Self::Ms1000 => 10,
            Self::Ms3000 => 30,
        }
    }
}

/// Length of a rolling window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Window {
    /// One hour.
    H1,
    /// Four hours.
    H4,
    /// One day.
    D1,
}

impl Window {
    /// In minutes.
    pub(crate) const fn minutes(self) -> u32 {
        match self {
            Self::H1 => 60,
            Self::H4 => 4 * 60,
            Self::D1 => 24 * 60,
        }
    }

    /// Name of the event.
    pub(crate) const fn event(self) -> &'static str {
        match self {
            Self::H1 => "1hTicker",
            Self::H4 => "4hTicker",
            Self::D1 => "1dTicker",
        }
    }
}

/// What a stream of one market carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Changes of the book.
    Depth(Pace),
    /// So many of the best levels.
    Levels(u8, Pace),
    /// Every trade.
    Trade,
    /// Trades of one taker order at one price as one.
    AggTrade,
    /// Candles, of UTC or of the time zone that is named.
    Kline(Interval, Option<UtcOffset>),
    /// The last 24 hours, in short.
    MiniTicker,
    /// The last 24 hours.
    Ticker,
    /// A rolling window.
    Window(Window),
    /// The average price of five minutes.
    AvgPrice,
    /// The best bid and ask whenever they change.
    BookTicker,
}

/// What a stream of all markets carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AllKind {
    /// The last 24 hours, in short.
    MiniTicker,
    /// The last 24 hours.
    Ticker,
    /// A rolling window.
    Window(Window),
    /// The best bid and ask of any market whenever they change, one market a message.
    BookTicker,
}

/// All kinds of one market but candles, by what follows the market in the name.
const KINDS: [(&str, Kind); 21] = [
    ("depth", Kind::Depth(Pace::Plain)),
    ("depth@100ms", Kind::Depth(Pace::Ms100)),
    ("depth@1000ms", Kind::Depth(Pace::Ms1000)),
    ("depth5", Kind::Levels(5, Pace::Plain)),
    ("depth5@100ms", Kind::Levels(5, Pace::Ms100)),
    ("depth5@1000ms", Kind::Levels(5, Pace::Ms1000)),
    ("depth10", Kind::Levels(10, Pace::Plain)),
    ("depth10@100ms", Kind::Levels(10, Pace::Ms100)),
    ("depth10@1000ms", Kind::Levels(10, Pace::Ms1000)),
    ("depth20", Kind::Levels(20, Pace::Plain)),
    ("depth20@100ms", Kind::Levels(20, Pace::Ms100)),
    ("depth20@1000ms", Kind::Levels(20, Pace::Ms1000)),
    ("trade", Kind::Trade),
    ("aggTrade", Kind::AggTrade),
    ("miniTicker", Kind::MiniTicker),
    ("ticker", Kind::Ticker),
    ("ticker_1h", Kind::Window(Window::H1)),
    ("ticker_4h", Kind::Window(Window::H4)),
    ("ticker_1d", Kind::Window(Window::D1)),
    ("avgPrice", Kind::AvgPrice),
    ("bookTicker", Kind::BookTicker),
];

/// All streams of all markets, by name.
const ALL: [(&str, AllKind, Pace); 16] = [
    ("!miniTicker@arr", AllKind::MiniTicker, Pace::Plain),
    ("!miniTicker@arr@1000ms", AllKind::MiniTicker, Pace::Ms1000),
    ("!miniTicker@arr@3000ms", AllKind::MiniTicker, Pace::Ms3000),
    ("!ticker@arr", AllKind::Ticker, Pace::Plain),
    ("!ticker@arr@1000ms", AllKind::Ticker, Pace::Ms1000),
    ("!ticker@arr@3000ms", AllKind::Ticker, Pace::Ms3000),
    ("!ticker_1h@arr", AllKind::Window(Window::H1), Pace::Plain),
    ("!ticker_1h@arr@1000ms", AllKind::Window(Window::H1), Pace::Ms1000),
    ("!ticker_1h@arr@3000ms", AllKind::Window(Window::H1), Pace::Ms3000),
    ("!ticker_4h@arr", AllKind::Window(Window::H4), Pace::Plain),
    ("!ticker_4h@arr@1000ms", AllKind::Window(Window::H4), Pace::Ms1000),
    ("!ticker_4h@arr@3000ms", AllKind::Window(Window::H4), Pace::Ms3000),
    ("!ticker_1d@arr", AllKind::Window(Window::D1), Pace::Plain),
    ("!ticker_1d@arr@1000ms", AllKind::Window(Window::D1), Pace::Ms1000),
    ("!ticker_1d@arr@3000ms", AllKind::Window(Window::D1), Pace::Ms3000),
    ("!bookTicker", AllKind::BookTicker, Pace::Plain),
];

/// A stream; its text is the name that clients subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Channel {
    /// Of one market.
    Market(Symbol, Kind),
    /// Of all markets.
    All(AllKind, Pace),
}

impl Kind {
    fn parse(suffix: &str) -> Option<Self> {
        let Some(frame) = suffix.strip_prefix(KLINE) else {
            return KINDS.iter().find(|(text, _)| *text == suffix).map(|(_, kind)| *kind);
        };
        let (interval, offset) = match frame.split_once('@') {
            None => (frame, None),
            // One stream has one name: `+8` is none.
            Some((interval, text)) => {
                (interval, Some(UtcOffset::parse(text).filter(|offset| offset.to_string() == text)?))
            }
        };
        Some(Self::Kline(Interval::parse(interval)?, offset))
    }

    /// Ticks of 100 ms between two looks at what it shows; `None` when it is told by what happens.
    pub(crate) const fn ticks(self) -> Option<u64> {
        match self {
            Self::Depth(pace) | Self::Levels(_, pace) => Some(pace.ticks()),
            Self::Kline(Interval::S1, _) | Self::MiniTicker | Self::Ticker | Self::Window(_) | Self::AvgPrice => {
                Some(Pace::Plain.ticks())
            }
            Self::Kline(..) => Some(2 * Pace::Plain.ticks()),
            Self::Trade | Self::AggTrade | Self::BookTicker => None,
        }
    }

    /// Where its candles begin and end.
    pub(crate) fn frame(interval: Interval, offset: Option<UtcOffset>) -> Frame {
        interval.at(offset.unwrap_or_default())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kline(interval, None) => write!(f, "{KLINE}{}", interval.as_str()),
            Self::Kline(interval, Some(offset)) => write!(f, "{KLINE}{}@{offset}", interval.as_str()),
            _ => f.write_str(KINDS.iter().find(|(_, kind)| kind == self).map_or("", |(text, _)| *text)),
        }
    }
}

impl Channel {
    /// Whether it is looked at every so often; otherwise it is told by what happens.
    pub(crate) const fn is_paced(self) -> bool {
        match self {
            Self::Market(_, kind) => kind.ticks().is_some(),
            Self::All(kind, _) => !matches!(kind, AllKind::BookTicker),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Market(symbol, kind) => write!(f, "{}@{kind}", symbol.as_str().to_ascii_lowercase()),
            Self::All(kind, pace) => {
                let is_it = |(_, other, at): &&(&str, AllKind, Pace)| (other, at) == (kind, pace);
                f.write_str(ALL.iter().find(is_it).map_or("", |(text, ..)| *text))
            }
        }
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
    if text.starts_with('!') {
        return Ok(ALL.iter().find(|(name, ..)| *name == text).map(|(_, kind, pace)| Channel::All(*kind, *pace)));
    }
    let Some((symbol, suffix)) = text.split_once('@') else { return Ok(None) };
    let Some(kind) = Kind::parse(suffix) else { return Ok(None) };
    // Names of streams are in lower case, those of markets in upper case.
    if symbol.bytes().any(|b| b.is_ascii_uppercase()) {
        return Ok(None);
    }
    Ok(Symbol::new(&symbol.to_ascii_uppercase()).map(|symbol| Channel::Market(symbol, kind)))
}

/// The names of all streams of one market, whose symbol is given in lower case, and of all markets. Candles of time zones are there
/// once each, with the offset `+08:00`.
pub fn stream_names(symbol: &str) -> Vec<String> {
    let one = KINDS.iter().map(|(suffix, _)| (*suffix).to_owned());
    let candles = Interval::ALL.iter().flat_map(|interval| {
        let name = format!("{KLINE}{}", interval.as_str());
        let zoned = format!("{name}@+08:00");
        [name, zoned]
    });
    let one = one.chain(candles).map(|suffix| format!("{symbol}@{suffix}"));
    one.chain(ALL.iter().map(|(name, ..)| (*name).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Channel, InvalidName, Kind, Pace, parse, stream_names};
    use marketdata::{Interval, UtcOffset};
    use model::Symbol;
    use std::collections::BTreeSet;

    #[test]
    fn all_names_come_back_as_they_were() {
        let names = stream_names("btcusdt");
        let channels: Vec<Channel> = names.iter().map(|name| parse(name).unwrap().unwrap()).collect();
        let shown: BTreeSet<String> = channels.iter().map(Channel::to_string).collect();
        assert_eq!(shown, names.into_iter().collect());
        assert_eq!(shown.len(), 21 + 2 * 16 + 16);
    }

    #[test]
    fn what_names_mean() {
        let zone = |text| Some(UtcOffset::parse(text).unwrap());
        for (text, kind) in [
            ("btcusdt@depth", Kind::Depth(Pace::Plain)),
            ("btcusdt@depth20@100ms", Kind::Levels(20, Pace::Ms100)),
            ("btcusdt@kline_1m", Kind::Kline(Interval::M1, None)),
            ("btcusdt@kline_1M@-03:30", Kind::Kline(Interval::Mo1, zone("-3:30"))),
            ("btcusdt@kline_1d@+00:00", Kind::Kline(Interval::D1, zone("0"))),
            ("btcusdt@kline_1s@+14:00", Kind::Kline(Interval::S1, zone("14"))),
        ] {
            let channel = Channel::Market(Symbol::new("BTCUSDT").unwrap(), kind);
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
            "btcusdt@depth@3000ms",
            "btcusdt@depth7",
            "btcusdt@bookticker",
            "btcusdt@ticker_2h",
            "btcusdt@kline_",
            "btcusdt@kline_1y",
            "btcusdt@kline_1m@+8",
            "btcusdt@kline_1m@8:00",
            "btcusdt@kline_1m@-00:00",
            "btcusdt@kline_1m@+14:15",
            "btcusdt@blockTrade",
            "!miniTicker",
            "!miniTicker@arr@100ms",
            "!bookTicker@arr",
            "!ticker_1w@arr",
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
