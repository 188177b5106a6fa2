//! What a browser keeps while its user is at the other site: sealed, so that only this exchange can read and write it.
//!
//! Nothing is kept here meanwhile, so whoever begins and never comes back costs nothing. It serves once: the other site takes its
//! code back once, and the proof after it ends with the cookie.

use runtime::entropy::Random;
use runtime::secrets::{SealingKey, Secret};
use serde::{Deserialize, Serialize};

/// How long the user may take at the other site.
pub const FEDERATION_SECONDS: u64 = 600;
/// Longest cookie that is looked at; ours have some hundred bytes.
const MAX_BYTES: usize = 2_048;

/// What the other site is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FederationPurpose {
    /// To sign in, or up.
    SignIn,
    /// To link its user to the one of this row, who is signed in.
    Link(i64),
}

/// Somebody who is at the other site.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Away {
    pub(super) provider: String,
    pub(super) purpose: FederationPurpose,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sealed<T> {
    until_us: u64,
    what: T,
}

/// Seals for the browser. `aad` tells the kinds apart.
pub(super) fn seal<T: Serialize>(
    sealing: &SealingKey,
    random: &dyn Random,
    aad: &[u8],
    what: T,
    until_us: u64,
) -> Result<Secret<String>, crate::Error> {
    let sealed = Sealed { until_us, what };
    let plain = serde_json::to_vec(&sealed).map_err(|error| crate::Error::Internal(error.to_string()))?;
    Ok(Secret::new(hex::encode(sealing.seal(random, aad, &plain))))
}

/// Opens what a browser brings back, unless its time is over.
pub(super) fn open<T: for<'de> Deserialize<'de>>(
    sealing: &SealingKey,
    aad: &[u8],
    text: &str,
    now_us: u64,
) -> Option<T> {
    if text.len() > 2 * MAX_BYTES {
        return None;
    }
    let opened = sealing.open(aad, &hex::decode(text).ok()?).ok()?;
    let sealed: Sealed<T> = serde_json::from_slice(opened.expose()).ok()?;
    (now_us < sealed.until_us).then_some(sealed.what)
}

#[cfg(test)]
mod tests {
    use runtime::entropy::SeededRandom;

    use super::*;

    #[test]
    fn what_a_browser_brings_back_is_what_it_was_given_and_in_time() {
        let (sealing, random) = (SealingKey::from_bytes(&[3; 32]), SeededRandom::new(1));
        let sealed = seal(&sealing, &random, b"one", 7_i64, 1_000).unwrap();
        let opened = |sealing: &SealingKey, aad: &[u8], text: &str, now_us| open::<i64>(sealing, aad, text, now_us);
        assert_eq!(opened(&sealing, b"one", sealed.expose(), 999), Some(7));
        assert_eq!(opened(&sealing, b"one", sealed.expose(), 1_000), None, "its time is over");
        assert_eq!(opened(&sealing, b"two", sealed.expose(), 999), None, "it is of another kind");
        assert_eq!(opened(&SealingKey::from_bytes(&[4; 32]), b"one", sealed.expose(), 999), None, "another key");
        for text in ["", "zz", "00", &sealed.expose()[2..], &"0".repeat(5_000)] {
            assert_eq!(opened(&sealing, b"one", text, 999), None, "{text}");
        }
    }
}
