//! Signs requests with keys of every kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::{ApiKeys, KeyKind, Permissions, PublicKey};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::door::hmac;

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../../identity/tests/keys/", $name, ".pem"))
    };
}

/// An API key and what it signs with.
pub(crate) struct Key {
    pub(crate) key: String,
    secret: Secret,
}

enum Secret {
    Hmac(String),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    /// The secret text of an HMAC key.
    pub(crate) fn secret(&self) -> &str {
        match &self.secret {
            Secret::Hmac(text) => text,
            _ => panic!("this key has no secret in text"),
        }
    }

    /// A new key of an account.
    pub(crate) async fn make(
        keys: &ApiKeys,
        kind: KeyKind,
        account: i64,
        permissions: Permissions,
        now_us: u64,
    ) -> Self {
        let (public, secret) = match kind {
            KeyKind::Hmac => {
                let made = keys.create(account, "test", permissions, now_us).await.unwrap();
                return Self { key: made.key, secret: Secret::Hmac(made.secret.expose().clone()) };
            }
            KeyKind::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(pem!("ed25519-private"))).unwrap();
                (pem!("ed25519-public"), Secret::Ed25519(pair))
            }
            KeyKind::Rsa => {
                (pem!("rsa-public"), Secret::Rsa(RsaKeyPair::from_pkcs8(&der(pem!("rsa-private"))).unwrap()))
            }
        };
        let public = PublicKey::from_pem(public).unwrap();
        let key = keys.register(account, "test", permissions, &public, now_us).await.unwrap();
        Self { key, secret }
    }

    /// The signature in the form of the key's kind.
    pub(crate) fn sign(&self, payload: &str) -> String {
        match &self.secret {
            Secret::Hmac(secret) => hmac(secret, payload),
            Secret::Ed25519(pair) => STANDARD.encode(pair.sign(payload.as_bytes())),
            Secret::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), payload.as_bytes(), &mut signature).unwrap();
                STANDARD.encode(signature)
            }
        }
    }
}

/// The bytes of a PEM block.
fn der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(lines).unwrap()
}
