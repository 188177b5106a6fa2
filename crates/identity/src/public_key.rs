//! Public keys as clients hand them in.

use spki::der::asn1::UintRef;
use spki::der::{Decode, Document, Reader, SliceReader};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::{Error, KeyKind};

/// Longest text of a key. An RSA key of 4,096 bits has 800 characters.
pub const MAX_PEM_BYTES: usize = 4_096;

/// RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 8017, appendix A.1.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519_BYTES: usize = 32;
/// Shorter ones are weak; longer ones make each signature slow to check.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;

/// An Ed25519 or RSA public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    der: Vec<u8>,
}

impl PublicKey {
    /// Reads a PEM block `PUBLIC KEY` (`SubjectPublicKeyInfo`), as `openssl pkey -pubout` writes it and Binance takes it.
    ///
    /// # Errors
    /// [`Error::PublicKey`] when it is none, of another algorithm, or an RSA key of less than 2,048 or more than 4,096 bits.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_PEM_BYTES {
            return Err(Error::PublicKey("the text is too long for a public key"));
        }
        let no_pem = |_| Error::PublicKey("a PEM block that begins with -----BEGIN PUBLIC KEY----- is expected");
        let (label, document) = Document::from_pem(text.trim()).map_err(no_pem)?;
        if label != "PUBLIC KEY" {
            return Err(Error::PublicKey(if label.contains("PRIVATE") {
                "this is a private key: keep it secret, and register its public key (openssl pkey -pubout)"
            } else {
                "the PEM block must be a PUBLIC KEY (openssl pkey -pubout writes one)"
            }));
        }
        Self::from_der(document.as_bytes())
    }

    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// As [`PublicKey::from_pem`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Parts::read(der).map(|parts| Self { kind: parts.kind, der: der.to_vec() }).map_err(Error::PublicKey)
    }

    /// Ed25519 or RSA.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The `SubjectPublicKeyInfo` in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

/// What a `SubjectPublicKeyInfo` holds.
pub(crate) struct Parts {
    pub(crate) kind: KeyKind,
    /// 32 bytes of Ed25519, or an `RSAPublicKey` in DER.
    pub(crate) key: Vec<u8>,
}

impl Parts {
    pub(crate) fn read(der: &[u8]) -> Result<Self, &'static str> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| "the key is no SubjectPublicKeyInfo")?;
        let key = info.subject_public_key.as_bytes().ok_or("the key does not end at a byte")?;
        let kind = match info.algorithm.oid {
            ED25519 if key.len() == ED25519_BYTES => KeyKind::Ed25519,
            ED25519 => return Err("an Ed25519 public key has 32 bytes"),
            RSA => match rsa_bits(key) {
                Some(bits) if RSA_BITS.contains(&bits) => KeyKind::Rsa,
                Some(_) => return Err("an RSA key must have 2,048 to 4,096 bits"),
                None => return Err("the key is no RSA public key"),
            },
            _ => return Err("only Ed25519 and RSA keys are taken"),
        };
        Ok(Self { kind, key: key.to_vec() })
    }
}

/// Length of the modulus of an `RSAPublicKey`.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(der).ok()?;
    let bits = reader.sequence(|fields| {
        let modulus: UintRef<'_> = fields.decode()?;
        let _exponent: UintRef<'_> = fields.decode()?;
        let first = modulus.as_bytes().first().map_or(8, |byte| byte.leading_zeros() as usize);
        Ok::<_, spki::der::Error>(modulus.as_bytes().len() * 8 - first)
    });
    let bits = bits.ok()?;
    reader.is_finished().then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::{MAX_PEM_BYTES, PublicKey};
    use crate::KeyKind;

    const ED25519: &str = include_str!("../tests/keys/ed25519-public.pem");
    const RSA: &str = include_str!("../tests/keys/rsa-public.pem");

    #[test]
    fn both_kinds_are_read() {
        assert_eq!(PublicKey::from_pem(ED25519).unwrap().kind(), KeyKind::Ed25519);
        let padded = format!("\n  {}  \n", RSA.trim().replace('\n', "\r\n"));
        let rsa = PublicKey::from_pem(&padded).unwrap();
        assert_eq!((rsa.kind(), PublicKey::from_der(rsa.der()).unwrap()), (KeyKind::Rsa, rsa.clone()));
    }

    #[test]
    fn what_is_no_such_key_is_refused_with_a_reason() {
        let long = "a".repeat(MAX_PEM_BYTES + 1);
        let truncated = ED25519.replace("MCow", "MCoA");
        let other = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for (text, reason) in [
            ("", "PEM block"),
            (long.as_str(), "too long"),
            (truncated.as_str(), "SubjectPublicKeyInfo"),
            (other, "must be a PUBLIC KEY"),
            (include_str!("../tests/keys/ed25519-private.pem"), "private key"),
            (include_str!("../tests/keys/p256-public.pem"), "only Ed25519 and RSA"),
            (include_str!("../tests/keys/rsa-1024-public.pem"), "2,048"),
        ] {
            let error = PublicKey::from_pem(text).unwrap_err();
            assert!(error.to_string().contains(reason) && error.is_callers_fault(), "{error}: {text}");
        }
    }
}
