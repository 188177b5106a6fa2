//! Reading a request: `{"id":…,"method":…,"params":{…}}`.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::Error;
use crate::binance::Params;

/// An answer to a request whose id could not be read carries this one.
pub(super) const NO_ID: &str = "null";

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    /// Its id, as JSON text.
    pub(super) id: String,
    /// Its method.
    pub(super) method: String,
    /// Its parameters. Numbers have the characters that were sent, since those were signed.
    pub(super) params: Params,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
}

/// Tells `null` from a field that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Names and values of an object, in the order in which they came; a name may come twice.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

impl Request {
    /// Reads a request; on failure gives the id as far as it could be read, and the error. The sentences are those that the
    /// Binance WebSocket API gives.
    pub(super) fn parse(text: &str) -> Result<Self, (String, Error)> {
        // An array would do for a struct, too.
        let message: Option<Message<'_>> =
            if text.trim_start().starts_with('{') { serde_json::from_str(text).ok() } else { None };
        let message = message
            .ok_or_else(|| (NO_ID.to_owned(), Error::InvalidRequest("Invalid JSON request; expected an object.")))?;
        let id = message.id.map(RawValue::get).filter(|id| is_id(id)).map(str::to_owned).ok_or_else(|| {
            let sentence = "Invalid 'id' in JSON request; expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null.";
            (NO_ID.to_owned(), Error::InvalidRequest(sentence))
        })?;
        let method = message.method.and_then(|method| serde_json::from_str::<String>(method.get()).ok());
        let Some(method) = method else {
            return Err((id, Error::InvalidRequest("Invalid 'method' in JSON request; expected a string.")));
        };
        match params(message.params.map(RawValue::get)) {
            Ok(params) => Ok(Self { id, method, params }),
            Err(error) => Err((id, error)),
        }
    }
}

/// An integer, a string of 1 to 36 letters, digits, `-` and `_`, or null.
fn is_id(json: &str) -> bool {
    if let Some(text) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        return (1..=36).contains(&text.len()) && text.bytes().all(legal);
    }
    json == "null" || json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok()
}

fn params(json: Option<&str>) -> Result<Params, Error> {
    let mut params = Params::new();
    let Some(json) = json.filter(|json| *json != "null") else { return Ok(params) };
    let invalid = |_| Error::InvalidRequest("Invalid 'params' in JSON request; expected an object.");
    let Pairs(pairs) = serde_json::from_str(json).map_err(invalid)?;
    for (name, value) in pairs {
        match value.get() {
            // As if it had not been sent: that is how clients that cannot leave a field out say so.
            "null" => {}
            text if text.starts_with('"') => {
                params.push(&name, &serde_json::from_str::<String>(text).map_err(invalid)?)?
            }
            literal => params.push(&name, literal)?,
        }
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::Request;
    use crate::binance::signature;
    use proptest::prelude::*;

    fn read(text: &str) -> Request {
        Request::parse(text).expect(text)
    }

    #[test]
    fn ids_keep_their_type() {
        for id in ["1", "-5", "0", "null", "\"2\"", "\"6ad2c5a8-1a4f-4ae5-b2b9-8e7f3b6c1d20\"", "18446744073709551615"]
        {
            assert_eq!(read(&format!(r#"{{"id":{id},"method":"ping"}}"#)).id, id);
        }
        for id in
            ["1.0", "1e2", "true", "{}", "[1]", "\"\"", "\"a b\"", "\"a\\u0062\"", "123456789012345678901234567890"]
        {
            let (answered, error) = Request::parse(&format!(r#"{{"id":{id},"method":"ping"}}"#)).expect_err(id);
            assert_eq!((answered.as_str(), error.code()), ("null", -1135), "{id}");
        }
        assert!(Request::parse(r#"{"method":"ping"}"#).is_err());
    }

    #[test]
    fn what_is_signed_has_the_characters_that_were_sent() {
        let request = read(
            r#"{"id":1,"method":"order.place","params":{"timestamp":1645423376532,"quantity":0.010,"price":50000,
            "newClientOrderId":"a/b:c","stop":null,"flag":true,"big":1E+2,"apiKey":"k","list":["A","B"],"signature":"00"}}"#,
        );
        assert_eq!(
            signature::sorted_payload(&request.params),
            r#"apiKey=k&big=1E+2&flag=true&list=["A","B"]&newClientOrderId=a/b:c&price=50000&quantity=0.010&timestamp=1645423376532"#
        );
        assert_eq!(request.params.get("stop"), None);
        assert_eq!(request.params.get("quantity"), Some("0.010"));
    }

    #[test]
    fn broken_requests_are_told_why() {
        for (text, id, code, words) in [
            ("", "null", -1135, "Invalid JSON request"),
            ("[]", "null", -1135, "Invalid JSON request"),
            ("{\"id\":1,", "null", -1135, "Invalid JSON request"),
            (r#"{"id":1}"#, "1", -1135, "Invalid 'method'"),
            (r#"{"id":1,"method":5}"#, "1", -1135, "Invalid 'method'"),
            (r#"{"id":1,"method":"ping","params":[]}"#, "1", -1135, "Invalid 'params'"),
            (r#"{"id":1,"method":"ping","params":"x"}"#, "1", -1135, "Invalid 'params'"),
            (r#"{"id":"x","method":"ping","params":{"a":1,"a":2}}"#, "\"x\"", -1101, "Duplicate"),
        ] {
            let (answered, error) = Request::parse(text).expect_err(text);
            assert_eq!((answered.as_str(), error.code()), (id, code), "{text}");
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
        assert!(read(r#"{"id":1,"method":"ping","params":null}"#).params.iter().next().is_none());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            let _ = Request::parse(&text);
        }

        #[test]
        fn any_number_is_kept_as_it_is(number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?") {
            let request = read(&format!(r#"{{"id":1,"method":"x","params":{{"n":{number}}}}}"#));
            prop_assert_eq!(request.params.get("n"), Some(number.as_str()));
        }
    }
}
