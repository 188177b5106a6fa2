//! Who asks: API key, signature and time of a request. Shared by REST and the WebSocket API.
//!
//! What is signed over REST is the raw query followed by the raw body, without the signature itself and without anything between
//! the two. Over a WebSocket it is the parameters in order of their names ([`sorted_payload`]).

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use identity::ApiKey;
use model::{AccountId, Timestamp, decimal};
use percent_encoding::percent_decode_str;

use super::params::Params;
use crate::{App, Caller, Error, KeyHolder, Permission};

/// `recvWindow` when none is sent, in microseconds.
const DEFAULT_WINDOW_US: u64 = 5_000_000;
/// Longest `recvWindow`, in microseconds.
const MAX_WINDOW_US: u64 = 60_000_000;
/// How far the client's clock may run ahead, in microseconds.
const AHEAD_US: u64 = 1_000_000;
/// Length of an API key.
const KEY_LENGTH: usize = 64;

/// What a REST request says of its sender.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Header `X-MBX-APIKEY`.
    pub key: Option<&'a [u8]>,
    /// Where it comes from, if that is known.
    pub address: Option<IpAddr>,
    /// Query as it was sent.
    pub query: &'a str,
    /// Body as it was sent.
    pub body: &'a str,
}

impl Request<'_> {
    /// Checks key, time, permission and signature.
    ///
    /// # Errors
    /// [`Error::InvalidKeyFormat`], [`Error::Mandatory`], those of [`check_time`] and [`find_key`],
    /// [`Error::InvalidSignature`]; in this order.
    pub async fn authenticate(self, app: &App, needed: Permission, params: &Params) -> Result<Caller, Error> {
        let key = key_text(self.key)?;
        let signature = params.required("signature")?;
        check_time(app.now(), params)?;
        let key = find_key(app, key, needed, self.address).await?;
        if !verify(&key, &payload(self.query, self.body), signature) {
            return Err(Error::InvalidSignature);
        }
        caller(app, &key)
    }

    /// Checks the key alone.
    ///
    /// # Errors
    /// [`Error::InvalidKeyFormat`] and those of [`find_key`].
    pub async fn identify(self, app: &App, needed: Permission) -> Result<KeyHolder, Error> {
        let key = find_key(app, key_text(self.key)?, needed, self.address).await?;
        holder(app, key)
    }
}

/// The text of an API key.
///
/// # Errors
/// [`Error::InvalidKeyFormat`] when there is none, or it cannot be one.
pub fn key_text(key: Option<&[u8]>) -> Result<&str, Error> {
    key.filter(|key| key.len() == KEY_LENGTH && key.iter().all(u8::is_ascii_alphanumeric))
        .and_then(|key| std::str::from_utf8(key).ok())
        .ok_or(Error::InvalidKeyFormat)
}

/// Checks `timestamp` against the clock and `recvWindow`.
///
/// # Errors
/// [`Error::Mandatory`] without a time, [`Error::TooOld`], [`Error::TooNew`], [`Error::InvalidWindow`].
pub fn check_time(now: Timestamp, params: &Params) -> Result<(), Error> {
    params.required("timestamp")?;
    let sent = params.time("timestamp")?.ok_or(Error::Mandatory("timestamp"))?;
    within_window(sent, receive_window(params)?, now)
}

/// The same for transports that bring the two values by themselves, each with the name that it has there.
///
/// # Errors
/// As [`check_time`], but for a time that is not there.
pub fn check_window(
    now: Timestamp,
    (time_name, time): (&'static str, &str),
    (window_name, window): (&'static str, Option<&str>),
) -> Result<(), Error> {
    let mut params = Params::new();
    params.push(time_name, time)?;
    let sent = params.time(time_name)?.ok_or(Error::Mandatory(time_name))?;
    within_window(sent, window_us(window_name, window)?, now)
}

fn receive_window(params: &Params) -> Result<u64, Error> {
    window_us("recvWindow", params.get("recvWindow"))
}

/// A window in microseconds: milliseconds with up to three decimals.
fn window_us(name: &'static str, text: Option<&str>) -> Result<u64, Error> {
    let Some(text) = text else { return Ok(DEFAULT_WINDOW_US) };
    let window = match decimal::parse(text, 3) {
        Ok(window) => u64::try_from(window).ok(),
        Err(decimal::DecimalError::TooLarge) => Some(u64::MAX),
        Err(_) => None,
    };
    match window {
        None => Err(Error::IllegalCharacters { name, range: "^[0-9]{1,20}(\\.[0-9]{1,3})?$" }),
        Some(window) if window > MAX_WINDOW_US => Err(Error::InvalidWindow),
        Some(window) => Ok(window),
    }
}

fn within_window(sent: Timestamp, window_us: u64, now: Timestamp) -> Result<(), Error> {
    if sent.0 >= now.0.saturating_add(AHEAD_US) {
        Err(Error::TooNew)
    } else if now.0.saturating_sub(sent.0) > window_us {
        Err(Error::TooOld)
    } else {
        Ok(())
    }
}

/// Finds a live key that allows what is needed from where it is used.
///
/// # Errors
/// Those of [`live_key`] and [`allow`].
pub async fn find_key(app: &App, key: &str, needed: Permission, address: Option<IpAddr>) -> Result<Arc<ApiKey>, Error> {
    let key = live_key(app, key, address).await?;
    allow(&key, needed)?;
    Ok(key)
}

/// Finds a live key that may be used from there.
///
/// # Errors
/// [`Error::InvalidKey`]; [`Error::Internal`] when the store fails.
pub async fn live_key(app: &App, key: &str, address: Option<IpAddr>) -> Result<Arc<ApiKey>, Error> {
    let now_us = app.now().0;
    let found = match app.keys.cached(key, now_us) {
        Some(found) => found,
        None => app.keys.find(key, now_us).await.map_err(|error| Error::Internal(error.to_string()))?,
    };
    found.filter(|key| address.is_none_or(|address| key.allows_ip(address))).ok_or(Error::InvalidKey)
}

/// Whether a key has a permission.
///
/// # Errors
/// [`Error::InvalidKey`] when it has not.
pub fn allow(key: &ApiKey, needed: Permission) -> Result<(), Error> {
    let permissions = key.permissions();
    let allowed = match needed {
        Permission::Read => permissions.read,
        Permission::Trade => permissions.trade,
    };
    if allowed { Ok(()) } else { Err(Error::InvalidKey) }
}

/// The caller that a key stands for; notes that the key was used.
///
/// # Errors
/// [`Error::Internal`] when the key's account cannot be one of the ledger.
pub fn caller(app: &App, key: &ApiKey) -> Result<Caller, Error> {
    key.mark_used(app.now().0);
    let account = u32::try_from(key.account_id())
        .map_err(|_| Error::Internal(format!("API key {} names account {}", key.id(), key.account_id())))?;
    Ok(Caller { account: AccountId(account) })
}

/// The same of somebody who signed nothing.
///
/// # Errors
/// As [`caller`].
pub fn holder(app: &App, key: Arc<ApiKey>) -> Result<KeyHolder, Error> {
    Ok(KeyHolder { account: caller(app, &key)?.account, key })
}

/// Whether what was begun with a key may go on: it is live, allows reading, and is used from where it may be.
///
/// # Errors
/// Those of [`find_key`].
pub async fn still_reads(app: &App, key: &str, address: Option<IpAddr>) -> Result<(), Error> {
    find_key(app, key, Permission::Read, address).await.map(drop)
}

/// Whether the signature is that of the payload: of its bytes as they were sent, or else of what they stand for once they are
/// percent-decoded, because python-binance signs before it encodes.
pub fn verify(key: &ApiKey, payload: &str, signature: &str) -> bool {
    if key.verify(payload.as_bytes(), signature.as_bytes()) {
        return true;
    }
    if !payload.contains(['%', '+']) {
        return false;
    }
    let spaced = payload.replace('+', " ");
    let decoded: Cow<'_, [u8]> = percent_decode_str(&spaced).into();
    key.verify(&decoded, signature.as_bytes())
}

/// What is signed over REST.
pub fn payload<'a>(query: &'a str, body: &'a str) -> Cow<'a, str> {
    let (query, body) = (without_signature(query), without_signature(body));
    if body.is_empty() {
        query
    } else if query.is_empty() {
        body
    } else {
        Cow::Owned(format!("{query}{body}"))
    }
}

/// What is signed over a WebSocket: `name=value` in order of the names, joined by `&`, without the signature, not encoded.
pub fn sorted_payload(params: &Params) -> String {
    let mut pairs: Vec<(&str, &str)> = params.iter().filter(|(name, _)| *name != "signature").collect();
    pairs.sort_unstable();
    let mut out = String::with_capacity(256);
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
    out
}

/// The text without its pair `signature=…`, wherever it stands.
fn without_signature(text: &str) -> Cow<'_, str> {
    const NAME: &str = "signature=";
    let mut start = 0;
    for pair in text.split('&') {
        let end = start + pair.len();
        if pair.starts_with(NAME) {
            return match (start, end == text.len()) {
                (0, true) => Cow::Borrowed(""),
                (0, false) => Cow::Borrowed(&text[end + 1..]),
                (_, true) => Cow::Borrowed(&text[..start - 1]),
                (_, false) => Cow::Owned(format!("{}{}", &text[..start], &text[end + 1..])),
            };
        }
        start = end + 1;
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::{Params, payload, receive_window, sorted_payload, within_window};
    use model::Timestamp;

    #[test]
    fn what_is_signed_is_query_and_body_without_the_signature() {
        for (query, body, want) in [
            ("", "", ""),
            ("a=1&b=2&signature=ff", "", "a=1&b=2"),
            ("", "a=1&b=2&signature=ff", "a=1&b=2"),
            ("signature=ff&a=1&b=2", "", "a=1&b=2"),
            ("a=1&signature=ff&b=2", "", "a=1&b=2"),
            ("signature=ff", "", ""),
            ("signature=ff", "a=1", "a=1"),
            // Nothing stands between the two: so it is in the documentation's own example.
            ("a=1", "b=2&signature=ff", "a=1b=2"),
            ("a=1&signature=ff", "b=2", "a=1b=2"),
            // Only a whole name counts.
            ("mysignature=ff&a=1", "", "mysignature=ff&a=1"),
            // What is sent encoded is signed encoded.
            ("a=%20b%2Fc%3D&signature=ff", "", "a=%20b%2Fc%3D"),
        ] {
            assert_eq!(payload(query, body), want, "{query} | {body}");
        }
    }

    #[test]
    fn over_a_websocket_the_names_are_sorted_and_values_are_as_sent() {
        let mut params = Params::new();
        for (name, value) in [("timestamp", "1645423376532"), ("price", "50000"), ("apiKey", "k"), ("signature", "s")] {
            params.push(name, value).unwrap();
        }
        assert_eq!(sorted_payload(&params), "apiKey=k&price=50000&timestamp=1645423376532");
    }

    #[test]
    fn a_window_has_up_to_three_decimals_and_a_minute() {
        let window = |text: &str| {
            let mut params = Params::new();
            params.push("recvWindow", text).unwrap();
            receive_window(&params).map_err(|error| error.code())
        };
        assert_eq!(receive_window(&Params::new()).unwrap(), 5_000_000);
        for (text, want) in [
            ("10000", Ok(10_000_000)),
            ("6000.346", Ok(6_000_346)),
            ("60000", Ok(60_000_000)),
            ("0", Ok(0)),
            ("60000.001", Err(-1131)),
            ("99999999999999999999", Err(-1131)),
            ("6000.3467", Err(-1100)),
            ("-1", Err(-1100)),
            ("five", Err(-1100)),
        ] {
            assert_eq!(window(text), want, "{text}");
        }
    }

    #[test]
    fn the_time_of_a_request_must_lie_in_its_window() {
        let now = Timestamp(1_700_000_000_000_000);
        for (sent, want) in [
            (now.0, Ok(())),
            (now.0 + 999_999, Ok(())),
            (now.0 + 1_000_000, Err(-1021)),
            (now.0 - 5_000_000, Ok(())),
            (now.0 - 5_000_001, Err(-1021)),
            (0, Err(-1021)),
        ] {
            assert_eq!(within_window(Timestamp(sent), 5_000_000, now).map_err(|error| error.code()), want, "{sent}");
        }
    }
}
