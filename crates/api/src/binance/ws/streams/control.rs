//! Control messages: what a client asks of its market streams, and the answers.
//!
//! The errors are those of the Binance page "WebSocket Streams", whose texts are visibly made by `serde_json`; so are these. What
//! clients see is `{"error":{"code":…,"msg":…},"id":…}`: the page shows the inner object only.

use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Method {
    Subscribe,
    Unsubscribe,
    ListSubscriptions,
    SetProperty,
    GetProperty,
}

/// A control message.
#[derive(Debug, Deserialize)]
struct Message<'a> {
    method: Method,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
}

/// Tells `null` from a field that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// What a control message asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Listen to these too.
    Subscribe(Vec<String>),
    /// Stop listening to these.
    Unsubscribe(Vec<String>),
    /// Name what is listened to.
    List,
    /// Wrap messages with the name of the stream, or stop it.
    SetCombined(bool),
    /// Say whether messages are wrapped.
    GetCombined,
}

/// Why a control message was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No property but `combined` exists.
    UnknownProperty,
    /// `combined` is true or false.
    NotBoolean,
    /// Anything else about the request.
    Request(String),
    /// The text is not JSON.
    Json(String),
}

impl Refusal {
    /// The streams' names are not all legal.
    pub(crate) fn invalid_stream() -> Self {
        Self::Request("invalid stream".to_owned())
    }

    /// More streams than one connection may listen to.
    pub(crate) fn too_many_streams(limit: usize) -> Self {
        Self::Request(format!("too many streams; one connection can listen to at most {limit}"))
    }

    /// More connections under a listen key than one account may have.
    pub(crate) fn too_many_listeners(limit: usize) -> Self {
        Self::Request(format!("too many connections; an account's events go to at most {limit}"))
    }

    const fn code(&self) -> u8 {
        match self {
            Self::UnknownProperty => 0,
            Self::NotBoolean => 1,
            Self::Request(_) => 2,
            Self::Json(_) => 3,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::UnknownProperty => "Unknown property".to_owned(),
            Self::NotBoolean => "Invalid value type: expected Boolean".to_owned(),
            Self::Request(what) => format!("Invalid request: {what}"),
            Self::Json(what) => format!("Invalid JSON: {what}"),
        }
    }

    /// The answer; `id` is JSON text.
    pub(crate) fn answer(&self, id: Option<&str>) -> String {
        let error = format!("{{\"code\":{},\"msg\":{}}}", self.code(), crate::json::quoted(&self.message()));
        match id {
            Some(id) => format!("{{\"error\":{error},\"id\":{id}}}"),
            None => format!("{{\"error\":{error}}}"),
        }
    }
}

/// The answer to a request that was carried out; `result` and `id` are JSON text.
pub(crate) fn done(result: &str, id: &str) -> String {
    format!("{{\"result\":{result},\"id\":{id}}}")
}

/// Reads a control message: its id as JSON text and what it asks for; or the id, when it could be read, and the refusal.
pub(crate) fn parse(text: &str) -> Result<(&str, Request), (Option<&str>, Refusal)> {
    let message: Message<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => (None, Refusal::Request(error.to_string())),
        Category::Io | Category::Syntax | Category::Eof => (None, Refusal::Json(error.to_string())),
    })?;
    if text.trim_start().starts_with('[') {
        // An array would do for a struct, too.
        return Err((None, Refusal::Request("expected an object".to_owned())));
    }
    let id = message.id.map(RawValue::get).filter(|id| is_id(id)).ok_or_else(|| {
        // The words are Binance's; it takes strings and null all the same.
        (None, Refusal::Request("request ID must be an unsigned integer".to_owned()))
    })?;
    match read(message.method, message.params.map(RawValue::get)) {
        Ok(request) => Ok((id, request)),
        Err(refusal) => Err((Some(id), refusal)),
    }
}

/// A 64-bit integer, a string of at most 36 letters, digits, `-` and `_`, or null. All of these are their own JSON text.
fn is_id(json: &str) -> bool {
    if let Some(text) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return text.len() <= 36 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    }
    json == "null" || json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok()
}

fn read(method: Method, params: Option<&str>) -> Result<Request, Refusal> {
    match method {
        Method::Subscribe => Ok(Request::Subscribe(names(params)?)),
        Method::Unsubscribe => Ok(Request::Unsubscribe(names(params)?)),
        Method::ListSubscriptions => match values(params)?.len() {
            0 => Ok(Request::List),
            _ => Err(too_many()),
        },
        Method::GetProperty => match values(params)?.as_slice() {
            [name] => combined(name).map(|()| Request::GetCombined),
            [] => Err(no_name()),
            _ => Err(too_many()),
        },
        Method::SetProperty => match values(params)?.as_slice() {
            [name, value] => {
                combined(name)?;
                serde_json::from_str(value.get()).map(Request::SetCombined).map_err(|_| Refusal::NotBoolean)
            }
            [name] => combined(name).and(Err(Refusal::NotBoolean)),
            [] => Err(no_name()),
            _ => Err(too_many()),
        },
    }
}

fn names(params: Option<&str>) -> Result<Vec<String>, Refusal> {
    let params = params.ok_or_else(|| Refusal::Request("missing field `params`".to_owned()))?;
    serde_json::from_str(params).map_err(|error| Refusal::Request(error.to_string()))
}

fn values(params: Option<&str>) -> Result<Vec<&RawValue>, Refusal> {
    match params {
        None | Some("null") => Ok(Vec::new()),
        Some(params) => serde_json::from_str(params).map_err(|error| Refusal::Request(error.to_string())),
    }
}

fn combined(name: &RawValue) -> Result<(), Refusal> {
    match serde_json::from_str::<String>(name.get()).as_deref() {
        Ok("combined") => Ok(()),
        Ok(_) => Err(Refusal::UnknownProperty),
        Err(_) => Err(no_name()),
    }
}

fn no_name() -> Refusal {
    Refusal::Request("property name must be a string".to_owned())
}

fn too_many() -> Refusal {
    Refusal::Request("too many parameters".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Request, parse};
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    #[test]
    fn requests_keep_the_type_of_their_id() {
        for (text, id, want) in [
            (
                r#"{"method":"SUBSCRIBE","params":["btcusdt@trade","btcusdt@depth"],"id":1}"#,
                "1",
                Request::Subscribe(vec!["btcusdt@trade".to_owned(), "btcusdt@depth".to_owned()]),
            ),
            (
                r#"{"id":"6ad2c5a8-1a4f-4ae5-b2b9-000000000000","method":"UNSUBSCRIBE","params":[]}"#,
                "\"6ad2c5a8-1a4f-4ae5-b2b9-000000000000\"",
                Request::Unsubscribe(vec![]),
            ),
            (r#"{"method":"LIST_SUBSCRIPTIONS","id":null}"#, "null", Request::List),
            (
                r#"{"method":"LIST_SUBSCRIPTIONS","params":[],"id":-9223372036854775808}"#,
                "-9223372036854775808",
                Request::List,
            ),
            (r#"{"method":"SET_PROPERTY","params":["combined",true],"id":"2"}"#, "\"2\"", Request::SetCombined(true)),
            (
                r#"{"method":"GET_PROPERTY","params":["combined"],"id":18446744073709551615}"#,
                "18446744073709551615",
                Request::GetCombined,
            ),
        ] {
            assert_eq!(parse(text), Ok((id, want)), "{text}");
        }
    }

    fn refusal(text: &str) -> String {
        let (id, refusal) = parse(text).expect_err(text);
        refusal.answer(id)
    }

    fn check(text: &str, want: Expect) {
        want.assert_eq(&refusal(text));
    }

    #[test]
    fn refusals_are_those_of_the_page() {
        check("hello", expect![[r#"{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}}"#]]);
        check(
            "",
            expect![[r#"{"error":{"code":3,"msg":"Invalid JSON: EOF while parsing a value at line 1 column 0"}}"#]],
        );
        check(
            r#"{"method":"SUBSCRIB","params":[],"id":1}"#,
            expect![[
                r#"{"error":{"code":2,"msg":"Invalid request: unknown variant `SUBSCRIB`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 20"}}"#
            ]],
        );
        check(
            r#"{"params":["btcusdt@trade"],"id":1}"#,
            expect![[r#"{"error":{"code":2,"msg":"Invalid request: missing field `method` at line 1 column 35"}}"#]],
        );
        check(
            r#"["LIST_SUBSCRIPTIONS",[],1]"#,
            expect![[r#"{"error":{"code":2,"msg":"Invalid request: expected an object"}}"#]],
        );
        check(
            "7",
            expect![[
                r#"{"error":{"code":2,"msg":"Invalid request: invalid type: integer `7`, expected struct Message at line 1 column 1"}}"#
            ]],
        );
        let no_id = r#"{"error":{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"}}"#;
        assert_eq!(refusal(r#"{"method":"SUBSCRIBE","params":["btcusdt@trade"]}"#), no_id);
        for id in [
            "1.5",
            "1e3",
            "true",
            "[]",
            "{}",
            r#""a b""#,
            r#""\u0041""#,
            "18446744073709551616",
            &format!("\"{}\"", "a".repeat(37)),
        ] {
            assert_eq!(refusal(&format!(r#"{{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":{id}}}"#)), no_id);
        }
        check(
            r#"{"method":"SUBSCRIBE","id":7}"#,
            expect![[r#"{"error":{"code":2,"msg":"Invalid request: missing field `params`"},"id":7}"#]],
        );
        check(
            r#"{"method":"SUBSCRIBE","params":[1],"id":7}"#,
            expect![[
                r#"{"error":{"code":2,"msg":"Invalid request: invalid type: integer `1`, expected a string at line 1 column 2"},"id":7}"#
            ]],
        );
        check(
            r#"{"method":"LIST_SUBSCRIPTIONS","params":["x"],"id":7}"#,
            expect![[r#"{"error":{"code":2,"msg":"Invalid request: too many parameters"},"id":7}"#]],
        );
    }

    #[test]
    fn properties_are_checked() {
        check(
            r#"{"method":"SET_PROPERTY","params":["combined","yes"],"id":"x"}"#,
            expect![[r#"{"error":{"code":1,"msg":"Invalid value type: expected Boolean"},"id":"x"}"#]],
        );
        check(
            r#"{"method":"SET_PROPERTY","params":["colour",true],"id":"x"}"#,
            expect![[r#"{"error":{"code":0,"msg":"Unknown property"},"id":"x"}"#]],
        );
        let no_name = r#"{"error":{"code":2,"msg":"Invalid request: property name must be a string"},"id":"x"}"#;
        assert_eq!(refusal(r#"{"method":"SET_PROPERTY","params":[true,true],"id":"x"}"#), no_name);
        assert_eq!(refusal(r#"{"method":"GET_PROPERTY","id":"x"}"#), no_name);
        check(
            r#"{"method":"GET_PROPERTY","params":["combined","b"],"id":"x"}"#,
            expect![[r#"{"error":{"code":2,"msg":"Invalid request: too many parameters"},"id":"x"}"#]],
        );
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer_that_is_json(text in "\\PC{0,80}") {
            if let Err((id, refusal)) = parse(&text) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&refusal.answer(id)).is_ok());
            }
        }
    }
}
