//! Checks signatures, by the kind of the key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::KeyKind;
use crate::public_key::Parts;

/// Longest signature in base64: that of an RSA key of 4,096 bits.
const MAX_BASE64: usize = 684;

/// What checks the signatures of one key.
pub(crate) enum Verifier {
    Hmac(hmac::Key),
    Ed25519(UnparsedPublicKey<Vec<u8>>),
    Rsa(UnparsedPublicKey<Vec<u8>>),
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind().name())
    }
}

impl Verifier {
    /// From what the database holds: `sealed` is the secret, or the public key as it was registered.
    pub(crate) fn new(kind: KeyKind, sealed: &[u8], public_key: Option<&[u8]>) -> Result<Self, &'static str> {
        if kind == KeyKind::Hmac {
            return Ok(Self::Hmac(hmac::Key::new(hmac::HMAC_SHA256, sealed)));
        }
        if public_key != Some(sealed) {
            return Err("its public key is not the one that was registered");
        }
        let parts = Parts::read(sealed)?;
        match (kind, parts.kind) {
            (KeyKind::Ed25519, KeyKind::Ed25519) => Ok(Self::Ed25519(UnparsedPublicKey::new(&ED25519, parts.key))),
            (KeyKind::Rsa, KeyKind::Rsa) => {
                Ok(Self::Rsa(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, parts.key)))
            }
            _ => Err("its public key is of another kind"),
        }
    }

    pub(crate) const fn kind(&self) -> KeyKind {
        match self {
            Self::Hmac(_) => KeyKind::Hmac,
            Self::Ed25519(_) => KeyKind::Ed25519,
            Self::Rsa(_) => KeyKind::Rsa,
        }
    }

    pub(crate) fn verify(&self, payload: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => {
                let mut tag = [0; 32];
                hex::decode_to_slice(signature, &mut tag).is_ok() && hmac::verify(key, payload, &tag).is_ok()
            }
            Self::Ed25519(key) | Self::Rsa(key) => {
                // A little more than the longest signature: the decoder rounds up.
                let mut bytes = [0; MAX_BASE64 / 4 * 3 + 3];
                if signature.len() > MAX_BASE64 {
                    return false;
                }
                let Ok(length) = STANDARD.decode_slice(signature, &mut bytes) else { return false };
                key.verify(payload, &bytes[..length]).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyKind, MAX_BASE64, Verifier};
    use crate::PublicKey;

    fn of(pem: &str) -> Verifier {
        let key = PublicKey::from_pem(pem).unwrap();
        Verifier::new(key.kind(), key.der(), Some(key.der())).unwrap()
    }

    fn changed(signature: &str, at: usize) -> Vec<u8> {
        let mut changed = signature.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        changed
    }

    /// The example of Binance's documentation: <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security>.
    #[test]
    fn the_documented_hmac_is_right_and_nothing_else_is() {
        let secret = b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
        let key = Verifier::new(KeyKind::Hmac, secret, None).unwrap();
        let payload = b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
        let signature = b"c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
        assert!(key.verify(payload, signature));
        assert!(key.verify(payload, &signature.to_ascii_uppercase()));
        for digit in 0..signature.len() {
            let mut changed = *signature;
            changed[digit] = if changed[digit] == b'0' { b'1' } else { b'0' };
            assert!(!key.verify(payload, &changed), "digit {digit}");
        }
        for wrong in [&signature[..63], &signature[..62], b"", b"zz", &[0xff; 64], &[*signature, *signature].concat()] {
            assert!(!key.verify(payload, wrong));
        }
        assert!(!key.verify(&payload[1..], signature));
    }

    /// Signatures that OpenSSL made of `symbol=BTCUSDT&timestamp=1700000000000` with the private keys beside the public ones.
    #[test]
    fn openssl_signatures_are_right_and_nothing_else_is() {
        let payload = b"symbol=BTCUSDT&timestamp=1700000000000";
        let ed25519 = of(include_str!("../tests/keys/ed25519-public.pem"));
        let rsa = of(include_str!("../tests/keys/rsa-public.pem"));
        let (by_ed25519, by_rsa) = (
            include_str!("../tests/keys/ed25519-signature.txt").trim(),
            include_str!("../tests/keys/rsa-signature.txt").trim(),
        );
        for (key, signature, other) in [(&ed25519, by_ed25519, by_rsa), (&rsa, by_rsa, by_ed25519)] {
            assert!(key.verify(payload, signature.as_bytes()), "{key:?}");
            assert!(!key.verify(&payload[1..], signature.as_bytes()), "{key:?}");
            for at in 0..signature.trim_end_matches('=').len() - 1 {
                assert!(!key.verify(payload, &changed(signature, at)), "{key:?}: character {at}");
            }
            let long = "A".repeat(MAX_BASE64);
            let longer = format!("{long}AAAA");
            let lower = signature.to_ascii_lowercase();
            for wrong in [other, "", "=", signature.trim_end_matches('='), &signature[4..], &long, &longer, &lower] {
                assert!(!key.verify(payload, wrong.as_bytes()), "{key:?}: {wrong}");
            }
        }
    }

    #[test]
    fn a_public_key_must_be_the_one_that_was_sealed() {
        let key = PublicKey::from_pem(include_str!("../tests/keys/ed25519-public.pem")).unwrap();
        let rsa = PublicKey::from_pem(include_str!("../tests/keys/rsa-public.pem")).unwrap();
        assert!(Verifier::new(KeyKind::Ed25519, key.der(), Some(rsa.der())).is_err());
        assert!(Verifier::new(KeyKind::Ed25519, key.der(), None).is_err());
        assert!(Verifier::new(KeyKind::Rsa, key.der(), Some(key.der())).is_err());
    }
}
