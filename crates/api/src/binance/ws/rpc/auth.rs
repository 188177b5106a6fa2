//! Who sends a request: the key, time and signature among its parameters.

use std::sync::Arc;

use identity::ApiKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::accounts::Connection;
use crate::binance::{Params, signature};
use crate::{Caller, Error, KeyHolder, Permission};

/// Who signed a request, or is logged on, and with which key.
pub(super) struct Signer {
    pub(super) caller: Caller,
    pub(super) key: Arc<ApiKey>,
}

/// What Python's `urlencode` leaves as it is, beside spaces, which become plus signs.
const URLENCODE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b' ');

/// Checks key, time, permission and signature, in the order of REST. Who is logged on need not send key and signature; with a
/// signature of its own a request acts for another key, or for the same.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::InvalidKeyFormat`], [`Error::InvalidKey`], [`Error::InvalidSignature`] and those of the time.
pub(super) async fn authenticate(
    connection: &Connection,
    needed: Permission,
    params: &Params,
) -> Result<Signer, Error> {
    let own = connection.session.key();
    let key = match (params.get("signature"), own) {
        (None, Some(own)) if params.get("apiKey").is_none_or(|sent| sent == own) => {
            signature::check_time(connection.app.now(), params)?;
            session_key(connection, &own).await?
        }
        (_, own) => signed(connection, params, own.as_deref(), Some(needed)).await?,
    };
    signer(connection, key, needed)
}

fn signer(connection: &Connection, key: Arc<ApiKey>, needed: Permission) -> Result<Signer, Error> {
    signature::allow(&key, needed)?;
    Ok(Signer { caller: signature::caller(&connection.app, &key)?, key })
}

/// Checks key, time and signature of a log-on, for which any live key is good.
///
/// # Errors
/// As [`authenticate`].
pub(super) async fn log_on(connection: &Connection, params: &Params) -> Result<Arc<ApiKey>, Error> {
    let key = signed(connection, params, None, None).await?;
    signature::caller(&connection.app, &key)?;
    Ok(key)
}

/// Who is logged on, by a key that is still good.
///
/// # Errors
/// [`Error::Mandatory`] when nobody is, [`Error::InvalidKey`].
pub(super) async fn logged_on(connection: &Connection, needed: Permission) -> Result<Signer, Error> {
    let own = connection.session.key().ok_or(Error::Mandatory("apiKey"))?;
    signer(connection, session_key(connection, &own).await?, needed)
}

/// Checks the key alone: the one that is sent, or that of the log-on.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::InvalidKeyFormat`], [`Error::InvalidKey`].
pub(super) async fn identify(connection: &Connection, needed: Permission, params: &Params) -> Result<KeyHolder, Error> {
    let key = match params.get("apiKey") {
        Some(sent) => {
            let sent = signature::key_text(Some(sent.as_bytes()))?;
            signature::live_key(&connection.app, sent, connection.address).await?
        }
        None => session_key(connection, &connection.session.key().ok_or(Error::Mandatory("apiKey"))?).await?,
    };
    signature::allow(&key, needed)?;
    signature::holder(&connection.app, key)
}

/// The key of the log-on. One that is good no more ends the log-on.
async fn session_key(connection: &Connection, own: &str) -> Result<Arc<ApiKey>, Error> {
    let found = signature::live_key(&connection.app, own, connection.address).await;
    if matches!(found, Err(Error::InvalidKey)) {
        connection.log_out();
    }
    found
}

async fn signed(
    connection: &Connection,
    params: &Params,
    own: Option<&str>,
    needed: Option<Permission>,
) -> Result<Arc<ApiKey>, Error> {
    let app = &connection.app;
    let sent = match (params.get("apiKey"), own) {
        (None, Some(own)) => own,
        _ => params.required("apiKey")?,
    };
    let sent = signature::key_text(Some(sent.as_bytes()))?;
    let signature = params.required("signature")?;
    signature::check_time(app.now(), params)?;
    let key = signature::live_key(app, sent, connection.address).await?;
    if let Some(needed) = needed {
        signature::allow(&key, needed)?;
    }
    if verify(&key, params, signature) { Ok(key) } else { Err(Error::InvalidSignature) }
}

/// Whether the signature is that of the parameters as they are; or, because python-binance signs them so, URL-encoded.
fn verify(key: &ApiKey, params: &Params, sent: &str) -> bool {
    let plain = signature::sorted_payload(params);
    if key.verify(plain.as_bytes(), sent.as_bytes()) {
        return true;
    }
    let encoded = urlencoded(params);
    encoded != plain && key.verify(encoded.as_bytes(), sent.as_bytes())
}

fn urlencoded(params: &Params) -> String {
    let mut pairs: Vec<(&str, &str)> = params.iter().filter(|(name, _)| *name != "signature").collect();
    pairs.sort_unstable();
    let encode = |text: &str| utf8_percent_encode(text, URLENCODE).to_string().replace(' ', "+");
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::urlencoded;
    use crate::binance::Params;

    #[test]
    fn encodes_as_python_does() {
        let mut params = Params::new();
        for (name, value) in
            [("symbols", "[\"A\",\"B\"]"), ("id", "a/b:c-d_e.f~g"), ("note", "x y+z"), ("signature", "0")]
        {
            params.push(name, value).unwrap();
        }
        // urllib.parse.urlencode(dict(sorted(params.items())))
        assert_eq!(urlencoded(&params), "id=a%2Fb%3Ac-d_e.f~g&note=x+y%2Bz&symbols=%5B%22A%22%2C%22B%22%5D");
    }
}
