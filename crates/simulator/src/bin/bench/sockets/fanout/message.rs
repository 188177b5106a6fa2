//! The few numbers of a stream's message that are needed, found without reading the rest.

/// What is listened to, with times in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sockets) enum Feed {
    /// Every trade, as it happens.
    Trades,
    /// Changes of the book, every 100 ms.
    Depth,
}

/// Times and ids of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// When it was published.
    pub(super) published_us: u64,
    /// When the engine traded; a change of the book does not say.
    pub(super) traded_us: Option<u64>,
    /// First and last id: a message begins behind the last id of the one before.
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Feed {
    /// Where to connect.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Trades => "/ws/btcusdt@trade?timeUnit=MICROSECOND",
            Self::Depth => "/ws/btcusdt@depth@100ms?timeUnit=MICROSECOND",
        }
    }

    /// Reads a message; `None` when it is none of this stream.
    pub(super) fn stamp(self, text: &[u8]) -> Option<Stamp> {
        let published_us = number(text, b"\"E\":")?;
        match self {
            Self::Trades => {
                let id = number(text, b"\"t\":")?;
                // It is one of the last fields.
                let place = text.windows(4).rposition(|window| window == b"\"T\":")?;
                Some(Stamp { published_us, traded_us: Some(digits(text.get(place + 4..)?)?), first: id, last: id })
            }
            Self::Depth => {
                let (first, last) = (number(text, b"\"U\":")?, number(text, b"\"u\":")?);
                Some(Stamp { published_us, traded_us: None, first, last })
            }
        }
    }
}

/// The number behind the first such field.
fn number(text: &[u8], field: &[u8; 4]) -> Option<u64> {
    let place = text.windows(4).position(|window| window == field)?;
    digits(text.get(place + 4..)?)
}

fn digits(text: &[u8]) -> Option<u64> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit())?;
    let digit = |number: u64, byte: &u8| number.checked_mul(10)?.checked_add(u64::from(byte - b'0'));
    if end == 0 { None } else { text.get(..end)?.iter().try_fold(0, digit) }
}

#[cfg(test)]
mod tests {
    use super::{Feed, Stamp};

    #[test]
    fn times_and_ids_are_found() {
        let trade = br#"{"e":"trade","E":1700000000123456,"s":"BTCUSDT","t":9,"p":"2000.5","q":"0.1","T":1700000000000999,"m":false,"M":true}"#;
        let (published_us, traded_us) = (1_700_000_000_123_456, Some(1_700_000_000_000_999));
        assert_eq!(Feed::Trades.stamp(trade), Some(Stamp { published_us, traded_us, first: 9, last: 9 }));
        assert_eq!(Feed::Depth.stamp(trade), None);
        let depth =
            br#"{"e":"depthUpdate","E":1700000000123456,"s":"BTCUSDT","U":6,"u":8,"b":[["2000.00","0.0"]],"a":[]}"#;
        assert_eq!(Feed::Depth.stamp(depth), Some(Stamp { published_us, traded_us: None, first: 6, last: 8 }));
        assert_eq!(Feed::Trades.stamp(depth), None);
        for broken in [&b"{}"[..], b"\"E\":", b"\"E\":x", b"{\"E\":99999999999999999999999,"] {
            assert_eq!(Feed::Depth.stamp(broken), None);
        }
    }
}
