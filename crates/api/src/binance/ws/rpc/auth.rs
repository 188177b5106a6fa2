//! Who sends a request: the key, time and signature among its parameters.

use std::net::IpAddr;

use identity::ApiKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::binance::{Params, signature};
use crate::{App, Caller, Error, Permission};

/// What Python's `urlencode` leaves as it is, beside spaces, which become plus signs.
const URLENCODE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b' ');

/// Checks key, time, permission and signature, in the order of REST.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::InvalidKeyFormat`], [`Error::InvalidKey`], [`Error::InvalidSignature`] and those of the time.
pub(super) async fn authenticate(
    app: &App,
    needed: Permission,
    params: &Params,
    address: Option<IpAddr>,
) -> Result<Caller, Error> {
    let key = signature::key_text(Some(params.required("apiKey")?.as_bytes()))?;
    let sent = params.required("signature")?;
    signature::check_time(app.now(), params)?;
    let key = signature::find_key(app, key, needed, address).await?;
    if !verify(&key, params, sent) {
        return Err(Error::InvalidSignature);
    }
    signature::caller(app, &key)
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
