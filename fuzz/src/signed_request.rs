//! What a signed request says: parameters, values, time and the text that was signed, against oracles that do it the slow
//! way.

use api::binance::{Params, signature, ws};
use model::Timestamp;

use super::decimal::oracle;

/// The clock of the check.
const NOW: Timestamp = Timestamp(1_700_000_000_000_000);
/// Names that are asked for.
const NAMES: [&str; 8] =
    ["symbol", "timestamp", "recvWindow", "price", "quantity", "limit", "startTime", "newClientOrderId"];

/// Three lines: a query, a body, and a message of the WebSocket API.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (query, body, message) = (line(), line(), line());
    signed(query, body);
    let params = Params::parse(query, body);
    let wanted = pairs(query, body);
    match &params {
        Ok(params) => {
            let found: Vec<_> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(Some(found), wanted);
            values(params);
        }
        Err(error) => assert!(wanted.is_none() && error.code() == -1101, "{error}"),
    }
    if let Some(params) = ws::params_of(message) {
        values(&params);
        let sorted = signature::sorted_payload(&params);
        let mut names: Vec<_> = params.iter().filter(|(name, _)| *name != "signature").collect();
        names.sort();
        assert_eq!(sorted, names.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"));
        assert!(names.windows(2).all(|pair| pair[0].0 < pair[1].0), "a name came twice");
    }
}

/// What is signed: both texts without their first pair `signature=…`.
fn signed(query: &str, body: &str) {
    let without = |text: &str| {
        let mut pairs: Vec<&str> = text.split('&').collect();
        if let Some(at) = pairs.iter().position(|pair| pair.starts_with("signature=")) {
            pairs.remove(at);
        }
        pairs.join("&")
    };
    let payload = format!("{}{}", without(query), without(body));
    assert_eq!(signature::payload(query, body), payload);
    // A signature that is added, wherever it stands, is not signed itself.
    if !payload.is_empty() && !payload.split('&').any(|pair| pair.starts_with("signature=")) {
        assert_eq!(signature::payload(&format!("{payload}&signature=00"), ""), payload);
        assert_eq!(signature::payload("", &format!("signature=00&{payload}")), payload);
    }
}

/// Names and values by the rules of a query and a form: decoded, each name once in each, the query's first.
fn pairs(query: &str, body: &str) -> Option<Vec<(String, String)>> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut of_query = 0;
    for text in [query, body] {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            match all.iter().position(|(known, _)| *known == name) {
                Some(at) if at < of_query => {}
                Some(_) => return None,
                None if all.len() == 64 => return None,
                None => all.push((name, decoded(value))),
            }
        }
        of_query = all.len();
    }
    Some(all)
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| char::from(*tail.get(at)?).to_digit(16);
        let escaped = if *first == b'%' { digit(0).zip(digit(1)) } else { None };
        match escaped {
            Some((high, low)) => {
                out.push(u8::try_from(high * 16 + low).expect("two digits make a byte"));
                rest = &tail[2..];
            }
            None => {
                out.push(if *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Every reader of every name: right or refused.
fn values(params: &Params) {
    for name in NAMES {
        let text = params.get(name);
        if let Ok(number) = params.integer(name) {
            assert_eq!(number, text.map(|text| text.parse().expect("digits")));
            assert!(number.is_none_or(|number| i64::try_from(number).is_ok()));
        }
        for decimals in [0, 2, 8, 18] {
            if let Ok(number) = params.decimal(name, decimals, 18, "LOT_SIZE") {
                assert_eq!(number, text.map(|text| oracle(text, decimals).expect("a decimal")));
                assert!(number.is_none_or(|number| number >= 0));
            }
        }
        if let Ok(Some(id)) = params.client_id(name) {
            assert_eq!(Some(id.as_str()), text);
        }
        let _ = (params.flag(name), params.required(name), params.order_id(name), params.trade_id(name));
    }
    if let Ok(limit) = params.limit(500, 1_000) {
        assert!((1..=1_000).contains(&limit));
    }
    if let Ok((Some(start), Some(end))) = params.day() {
        assert!(start <= end && end.0 - start.0 <= 86_400_000_000);
    }
    if signature::check_time(NOW, params).is_ok() {
        let sent = params.time("timestamp").ok().flatten().expect("its time was checked");
        assert!(sent.0 < NOW.0 + 1_000_000 && sent.0 >= NOW.0 - 60_000_000, "{sent}");
    }
    let _ = params.check_known(&NAMES);
}
