//! The kinds of API keys.

/// How a key signs, and how its signatures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// HMAC-SHA256 with a shared secret: 64 hexadecimal digits of either case.
    Hmac,
    /// Ed25519 (RFC 8032): base64 with padding.
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2): base64 with padding.
    Rsa,
}

impl KeyKind {
    const ALL: [Self; 3] = [Self::Hmac, Self::Ed25519, Self::Rsa];

    /// The name in the database and to the operator.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hmac => "hmac",
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What a sealed value is bound to: the key, and for a public key its kind as well. Else whoever can write to the database could
    /// make a public key, which is known, pass for the secret of an HMAC.
    pub(crate) fn sealed_to(self, key: &str) -> Vec<u8> {
        match self {
            Self::Hmac => key.as_bytes().to_vec(),
            Self::Ed25519 | Self::Rsa => format!("{key}:{}", self.name()).into_bytes(),
        }
    }
}
