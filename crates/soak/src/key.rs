//! API keys, and requests that are signed with them.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::hmac;

/// An API key with its secret.
#[derive(Clone)]
pub(crate) struct Key {
    /// The key.
    pub(crate) name: Arc<str>,
    signing: hmac::Key,
}

impl Key {
    /// As the exchange gave them out.
    pub(crate) fn new(name: &str, secret: &str) -> Self {
        Self { name: name.into(), signing: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()) }
    }

    /// The signature of a text, in hexadecimal.
    pub(crate) fn sign(&self, text: &str) -> String {
        hex::encode(hmac::sign(&self.signing, text.as_bytes()))
    }

    /// Parameters with the time and the signature.
    pub(crate) fn signed(&self, parameters: &str) -> String {
        self.signed_at(parameters, now_ms())
    }

    /// The same for a time of one's own.
    pub(crate) fn signed_at(&self, parameters: &str, time_ms: u64) -> String {
        let and = if parameters.is_empty() { "" } else { "&" };
        let text = format!("{parameters}{and}timestamp={time_ms}");
        let signature = self.sign(&text);
        format!("{text}&signature={signature}")
    }

    /// A whole request whose parameters are signed and stand in its body.
    pub(crate) fn request(&self, method: &str, path: &str, parameters: &str) -> Vec<u8> {
        self.post(method, path, &self.signed(parameters))
    }

    /// A whole request with this body, signed or not.
    pub(crate) fn post(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let mut request = Vec::with_capacity(512);
        let _ = write!(
            request,
            "{method} {path} HTTP/1.1\r\nHost: soak\r\nX-MBX-APIKEY: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.name,
            body.len()
        );
        request
    }

    /// A signed `GET`.
    pub(crate) fn get(&self, path: &str, parameters: &str) -> Vec<u8> {
        let query = self.signed(parameters);
        format!("GET {path}?{query} HTTP/1.1\r\nHost: soak\r\nX-MBX-APIKEY: {}\r\n\r\n", self.name).into_bytes()
    }
}

/// The time of day in milliseconds.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
