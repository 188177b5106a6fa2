//! The parameters of a request, and how each kind of value is read.

use std::borrow::Cow;
use std::sync::Arc;

use marketdata::MarketView;
use model::{ClientOrderId, MarketId, OrderId, Timestamp, TradeId, decimal};
use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use super::time;
use crate::{App, Error};

/// Most parameters that a request may have.
const MAX_PARAMETERS: usize = 64;
/// Parameters of the signature, known to every operation.
const OF_SIGNATURE: [&str; 4] = ["timestamp", "recvWindow", "signature", "apiKey"];

const DIGITS: &str = "^[0-9]{1,20}$";
const DECIMAL: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
const SYMBOL: &str = "^[A-Z0-9-_.]{1,20}$";
const CLIENT_ID: &str = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$";

/// Names and values, decoded, in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Params {
    text: String,
    entries: SmallVec<[Entry; 16]>,
}

/// Where name and value stand in the buffer: name from `start` to `middle`, value from there to `end`.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    middle: usize,
    end: usize,
}

impl Params {
    /// No parameter yet: for transports that add them one by one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `name=value&…` of a query and of a form body. When both have a name, the query's value counts.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`] when one of them has a name twice, [`Error::TooManyParameters`] above 64.
    pub fn parse(query: &str, body: &str) -> Result<Self, Error> {
        let mut params = Self::default();
        params.text.reserve(query.len() + body.len());
        params.read(query, 0)?;
        let of_query = params.entries.len();
        params.read(body, of_query)?;
        Ok(params)
    }

    fn read(&mut self, text: &str, of_query: usize) -> Result<(), Error> {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            match self.position(&name) {
                Some(at) if at < of_query => {}
                Some(_) => return Err(Error::DuplicateParameter),
                None => self.add(&name, &value)?,
            }
        }
        Ok(())
    }

    /// Adds one parameter.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`] when the name is there, [`Error::TooManyParameters`] above 64.
    pub fn push(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if self.position(name).is_some() {
            return Err(Error::DuplicateParameter);
        }
        self.add(name, value)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if self.entries.len() == MAX_PARAMETERS {
            return Err(Error::TooManyParameters { expected: MAX_PARAMETERS, received: MAX_PARAMETERS + 1 });
        }
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.entries.push(Entry { start, middle, end: self.text.len() });
        Ok(())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|entry| &self.text[entry.start..entry.middle] == name)
    }

    /// Names and values, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (&self.text[entry.start..entry.middle], &self.text[entry.middle..entry.end]))
    }

    /// The value of a parameter; `None` when it was not sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let entry = self.entries[self.position(name)?];
        Some(&self.text[entry.middle..entry.end])
    }

    /// Refuses parameters that the operation does not know, and known ones without a value.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::TooManyParameters`] (of an operation without any), [`Error::UnreadParameters`].
    pub fn check_known(&self, known: &[&str]) -> Result<(), Error> {
        let (mut read, mut sent) = (0, 0);
        for (name, value) in self.iter() {
            if OF_SIGNATURE.contains(&name) {
                continue;
            }
            sent += 1;
            if known.contains(&name) {
                read += 1;
                if value.is_empty() {
                    return Err(Error::Empty(Cow::Owned(name.to_owned())));
                }
            }
        }
        match (read == sent, known.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => Err(Error::TooManyParameters { expected: 0, received: sent }),
            (false, false) => Err(Error::UnreadParameters { read, sent }),
        }
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// [`Error::Mandatory`] when it is not, or is empty.
    pub fn required(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).filter(|value| !value.is_empty()).ok_or(Error::Mandatory(name))
    }

    /// A whole number without sign.
    ///
    /// # Errors
    /// [`Error::IllegalCharacters`]; [`Error::InvalidData`] when it does not fit in 63 bits.
    pub fn integer(&self, name: &'static str) -> Result<Option<u64>, Error> {
        let Some(text) = self.get(name) else { return Ok(None) };
        if text.is_empty() || text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::IllegalCharacters { name, range: DIGITS });
        }
        match text.parse::<i64>() {
            Ok(number) => Ok(Some(number.unsigned_abs())),
            Err(_) => Err(Error::InvalidData(name)),
        }
    }

    /// `limit`: at least 1; above `max` it is taken for `max`.
    ///
    /// # Errors
    /// As [`Params::integer`]; [`Error::InvalidData`] for zero.
    pub fn limit(&self, default: usize, max: usize) -> Result<usize, Error> {
        match self.integer("limit")? {
            None => Ok(default),
            Some(0) => Err(Error::InvalidData("limit")),
            Some(number) => Ok(usize::try_from(number).unwrap_or(max).min(max)),
        }
    }

    /// A time in milliseconds or microseconds.
    ///
    /// # Errors
    /// As [`Params::integer`].
    pub fn time(&self, name: &'static str) -> Result<Option<Timestamp>, Error> {
        self.integer(name)?.map(|number| time::read(name, number)).transpose()
    }

    /// `startTime` and `endTime`, in order.
    ///
    /// # Errors
    /// As [`Params::integer`]; [`Error::InvalidData`] when the end lies before the start.
    pub fn times(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        let (start, end) = (self.time("startTime")?, self.time("endTime")?);
        match (start, end) {
            (Some(start), Some(end)) if end < start => Err(Error::InvalidData("endTime")),
            both => Ok(both),
        }
    }

    /// `startTime` and `endTime`, at most 24 hours apart when both are there.
    ///
    /// # Errors
    /// As [`Params::times`]; [`Error::IntervalTooLong`].
    pub fn day(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        const DAY_US: u64 = 24 * 3_600 * 1_000_000;
        match self.times()? {
            (Some(start), Some(end)) if end.0 - start.0 > DAY_US => Err(Error::IntervalTooLong),
            both => Ok(both),
        }
    }

    /// An order's id.
    ///
    /// # Errors
    /// As [`Params::integer`].
    pub fn order_id(&self, name: &'static str) -> Result<Option<OrderId>, Error> {
        Ok(self.integer(name)?.map(OrderId))
    }

    /// A trade's id.
    ///
    /// # Errors
    /// As [`Params::integer`].
    pub fn trade_id(&self, name: &'static str) -> Result<Option<TradeId>, Error> {
        Ok(self.integer(name)?.map(TradeId))
    }

    /// A client's order id.
    ///
    /// # Errors
    /// [`Error::IllegalCharacters`] when it is none.
    pub fn client_id(&self, name: &'static str) -> Result<Option<ClientOrderId>, Error> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match ClientOrderId::new(text) {
            Ok(id) if !id.is_empty() => Ok(Some(id)),
            Ok(_) => Err(Error::Empty(Cow::Borrowed(name))),
            Err(_) => Err(Error::IllegalCharacters { name, range: CLIENT_ID }),
        }
    }

    /// How many markets `symbols` names, told by its commas: for weighing a request before it is read.
    pub fn symbols_named(&self) -> Option<usize> {
        self.get("symbols").map(|list| list.bytes().filter(|byte| *byte == b',').count() + 1)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`Error::InvalidData`] for anything else.
    pub fn flag(&self, name: &'static str) -> Result<Option<bool>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some("true" | "TRUE" | "True") => Ok(Some(true)),
            Some("false" | "FALSE" | "False") => Ok(Some(false)),
            Some(_) => Err(Error::InvalidData(name)),
        }
    }

    /// The market that `symbol` names; it must be there.
    ///
    /// # Errors
    /// [`Error::Mandatory`], [`Error::IllegalCharacters`], [`Error::InvalidSymbol`].
    pub fn market(&self, app: &App) -> Result<Arc<MarketView>, Error> {
        market_named(app, self.required("symbol")?, "symbol")
    }

    /// The market that `symbol` names, if it is there.
    ///
    /// # Errors
    /// [`Error::IllegalCharacters`], [`Error::InvalidSymbol`].
    pub fn optional_market(&self, app: &App) -> Result<Option<Arc<MarketView>>, Error> {
        self.get("symbol").map(|symbol| market_named(app, symbol, "symbol")).transpose()
    }

    /// A plain decimal in units of `10^-decimals`. More decimals than that, but not more than `finest`, are `filter`'s matter
    /// (off the tick or lot); so is a number too large for any market.
    ///
    /// # Errors
    /// [`Error::IllegalCharacters`], [`Error::TooPrecise`], [`Error::Filter`].
    pub fn decimal(
        &self,
        name: &'static str,
        decimals: u8,
        finest: u8,
        filter: &'static str,
    ) -> Result<Option<i64>, Error> {
        let Some(text) = self.get(name) else { return Ok(None) };
        if !is_plain_decimal(text) {
            return Err(Error::IllegalCharacters { name, range: DECIMAL });
        }
        match decimal::parse(text, decimals) {
            Ok(value) => Ok(Some(value)),
            Err(decimal::DecimalError::TooPrecise) if significant_decimals(text) > usize::from(finest) => {
                Err(Error::TooPrecise(name))
            }
            Err(decimal::DecimalError::TooPrecise | decimal::DecimalError::TooLarge) => Err(Error::Filter(filter)),
            // The characters were checked above, so that this cannot be reached by a text that passed.
            Err(decimal::DecimalError::Malformed) => Err(Error::IllegalCharacters { name, range: DECIMAL }),
        }
    }
}

pub(crate) fn market_named(app: &App, symbol: &str, name: &'static str) -> Result<Arc<MarketView>, Error> {
    let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    if symbol.is_empty() || symbol.len() > 20 || !symbol.bytes().all(legal) {
        return Err(Error::IllegalCharacters { name, range: SYMBOL });
    }
    app.market_data.market(symbol).ok_or(Error::InvalidSymbol)
}

/// The symbol of a market in an answer; an order's market is always known.
pub(crate) fn view_of(app: &App, market: MarketId) -> Result<Arc<MarketView>, Error> {
    app.market_data
        .market_by_id(market)
        .ok_or_else(|| Error::Internal(format!("market {market} of an order is not in market data")))
}

/// Whether the text is `^([0-9]{1,20})(\.[0-9]{1,20})?$`.
fn is_plain_decimal(text: &str) -> bool {
    let digits = |part: &str| (1..=20).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        None => digits(text),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
    }
}

fn significant_decimals(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.trim_end_matches('0').len())
}

/// Percent-decoding, `+` being a space; what is not UTF-8 becomes the replacement character, which no kind of value allows.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::Params;
    use proptest::prelude::*;

    fn code<T: std::fmt::Debug>(result: Result<T, crate::Error>) -> i32 {
        result.expect_err("this is refused").code()
    }

    #[test]
    fn query_and_body_are_one_list_and_the_query_counts() {
        let params = Params::parse("a=1&b=%20x%2Fy", "b=2&c=p+q&d").unwrap();
        let pairs: Vec<_> = params.iter().collect();
        assert_eq!(pairs, [("a", "1"), ("b", " x/y"), ("c", "p q"), ("d", "")]);
        assert_eq!(code(Params::parse("a=1&a=2", "")), -1101);
        assert_eq!(code(Params::parse("", "a=1&a=1")), -1101);
        let many: Vec<String> = (0..65).map(|n| format!("p{n}=1")).collect();
        assert_eq!(code(Params::parse(&many.join("&"), "")), -1101);
    }

    #[test]
    fn unknown_and_empty_parameters_are_refused() {
        let check = |query: &str, known: &[&str]| Params::parse(query, "").unwrap().check_known(known);
        assert!(check("symbol=X&timestamp=1&recvWindow=5&signature=a", &["symbol"]).is_ok());
        assert_eq!(
            check("symbol=X&foo=1", &["symbol"]).unwrap_err().to_string(),
            "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."
        );
        assert_eq!(check("x=1", &[]).unwrap_err().to_string(), "Too many parameters; expected '0' and received '1'.");
        assert_eq!(check("symbol=", &["symbol"]).unwrap_err().to_string(), "Parameter 'symbol' was empty.");
    }

    #[test]
    fn numbers_are_plain_decimals() {
        let read = |text: &str| {
            let mut params = Params::new();
            params.push("quantity", text).unwrap();
            params.decimal("quantity", 5, 8, "LOT_SIZE").map_err(|error| error.to_string())
        };
        for (text, want) in [("1", 100_000), ("0.00001", 1), ("00.5", 50_000), ("1.50000000", 150_000), ("0", 0)] {
            assert_eq!(read(text), Ok(Some(want)), "{text}");
        }
        let illegal =
            "Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.";
        for text in ["-1", "NaN", "inf", "1e5", "+1", " 1", "1.", ".5", "1.2.3", "1,5", "0x10", "٣", ""] {
            assert_eq!(read(text), Err(illegal.to_owned()), "{text}");
        }
        assert_eq!(read(&"9".repeat(30)), Err(illegal.to_owned()));
        // Finer than the market's lot, but not than the asset: a matter of the filter.
        assert_eq!(read("0.000001"), Err("Filter failure: LOT_SIZE".to_owned()));
        assert_eq!(read("0.000000001"), Err("Parameter 'quantity' has too much precision.".to_owned()));
        assert_eq!(read("99999999999999999999"), Err("Filter failure: LOT_SIZE".to_owned()));
    }

    #[test]
    fn whole_numbers_and_limits() {
        let read = |text: &str| {
            let mut params = Params::new();
            params.push("limit", text).unwrap();
            params.limit(500, 1_000).map_err(|error| error.code())
        };
        assert_eq!(Params::new().limit(500, 1_000).unwrap(), 500);
        for (text, want) in [
            ("1", Ok(1)),
            ("1000", Ok(1_000)),
            ("5000", Ok(1_000)),
            ("9223372036854775807", Ok(1_000)),
            ("0", Err(-1130)),
            ("99999999999999999999", Err(-1130)),
            ("-1", Err(-1100)),
            ("1.5", Err(-1100)),
            ("abc", Err(-1100)),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(query in "\\PC{0,200}", body in "\\PC{0,200}") {
            if let Ok(params) = Params::parse(&query, &body) {
                let _ = params.check_known(&["a"]);
                for name in ["a", "b"] {
                    let _ = params.get(name);
                }
            }
        }

        #[test]
        fn what_is_encoded_comes_back(value in "\\PC{0,60}") {
            let text: String = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).collect();
            let params = Params::parse(&format!("name={text}"), "").unwrap();
            prop_assert_eq!(params.get("name"), Some(value.as_str()));
        }
    }
}
