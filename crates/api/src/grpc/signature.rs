//! Who calls: API key, time and signature in the metadata of a call.
//!
//! What is signed is the serialized message itself, by its hash: a set of fields in some canonical text would have to be kept in
//! step with the messages for ever, and a field that it forgot could be changed on the way. A server that decodes before it asks
//! would have nothing to hash, so the door takes the one message of a user's call as bytes, within the limit on messages, checks
//! it, and only then hands it on.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ring::digest::{SHA256, digest};

use crate::binance::signature::{caller, check_window, find_key, key_text};
use crate::{App, Caller, Error, Permission};

/// Metadata: the API key.
pub(super) const KEY: &str = "x-api-key";
/// Metadata: the time of the request, in milliseconds or microseconds since 1970.
pub(super) const TIMESTAMP: &str = "x-timestamp";
/// Metadata: for how many milliseconds the request is good; optional.
pub(super) const WINDOW: &str = "x-recv-window";
/// Metadata: HMAC-SHA256 of [`payload`] in hexadecimal.
pub(super) const SIGNATURE: &str = "x-signature";

/// What is signed: the time as it is sent, the full path of the method, and the SHA-256 of the serialized message in lower-case
/// hexadecimal, with one line feed between two of them; and after another line feed the window, when one is sent, since it says for
/// how long whoever copies the request may repeat it.
pub fn payload(timestamp: &str, path: &str, message: &[u8], window: Option<&str>) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(timestamp.len() + path.len() + 80);
    // Writing to a string cannot fail.
    let _ = write!(out, "{timestamp}\n{path}\n");
    for byte in digest(&SHA256, message).as_ref() {
        let _ = write!(out, "{byte:02x}");
    }
    if let Some(window) = window {
        let _ = write!(out, "\n{window}");
    }
    out
}

/// A call as far as its signature is concerned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed<'a> {
    /// Its metadata.
    pub(super) metadata: &'a HeaderMap,
    /// Where it comes from.
    pub(super) address: Option<IpAddr>,
    /// Its method.
    pub(super) path: &'a str,
    /// Its message.
    pub(super) message: &'a [u8],
}

impl Signed<'_> {
    /// Checks key, time, permission and signature, in the order of the other doors.
    ///
    /// # Errors
    /// [`Error::InvalidKeyFormat`], [`Error::Mandatory`], those of the time and the key, [`Error::InvalidSignature`].
    pub(super) async fn authenticate(self, app: &App, needed: Permission) -> Result<Caller, Error> {
        let key = key_text(self.metadata.get(KEY).map(|value| value.as_bytes()))?;
        let signature = self.text(SIGNATURE)?.ok_or(Error::Mandatory(SIGNATURE))?;
        let timestamp = self.text(TIMESTAMP)?.ok_or(Error::Mandatory(TIMESTAMP))?;
        let window = self.text(WINDOW)?;
        check_window(app.now(), (TIMESTAMP, timestamp), (WINDOW, window))?;
        let key = find_key(app, key, needed, self.address).await?;
        if !key.verify(payload(timestamp, self.path, self.message, window).as_bytes(), signature.as_bytes()) {
            return Err(Error::InvalidSignature);
        }
        caller(app, &key)
    }

    /// A value of the metadata; one without characters counts as none.
    fn text(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let Some(value) = self.metadata.get(name) else { return Ok(None) };
        let text = value.to_str().map_err(|_| Error::InvalidData(name))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::payload;

    /// The hash is that of no bytes at all.
    #[test]
    fn what_is_signed_is_lines() {
        const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(payload("1700", "/a.B/C", b"", None), format!("1700\n/a.B/C\n{EMPTY}"));
        assert_eq!(payload("1700", "/a.B/C", b"", Some("60000")), format!("1700\n/a.B/C\n{EMPTY}\n60000"));
    }
}
