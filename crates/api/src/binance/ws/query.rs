//! The query of a WebSocket's URL.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::binance::TimeUnit;

/// The value of a parameter, percent-decoded; the first one when it is there twice. A plus sign is itself: names of streams may
/// have it.
pub(crate) fn value<'a>(query: Option<&'a str>, name: &str) -> Option<Cow<'a, str>> {
    query?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy())
}

/// `timeUnit`; milliseconds when it is not there, `None` when it is no unit.
pub(crate) fn time_unit(query: Option<&str>) -> Option<TimeUnit> {
    match value(query, "timeUnit") {
        None => Some(TimeUnit::Millisecond),
        Some(name) => TimeUnit::from_name(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::{time_unit, value};
    use crate::binance::TimeUnit;

    #[test]
    fn values_are_decoded() {
        let query = Some("streams=btcusdt%40trade/ethusdt@kline_1d@+08:00&timeUnit=MICROSECOND&streams=x");
        assert_eq!(value(query, "streams").as_deref(), Some("btcusdt@trade/ethusdt@kline_1d@+08:00"));
        assert_eq!(time_unit(query), Some(TimeUnit::Microsecond));
        assert_eq!(value(Some("streams="), "streams").as_deref(), Some(""));
        assert_eq!(value(Some("streams"), "streams"), None);
        assert_eq!(time_unit(None), Some(TimeUnit::Millisecond));
        assert_eq!(time_unit(Some("timeUnit=HOUR")), None);
    }
}
