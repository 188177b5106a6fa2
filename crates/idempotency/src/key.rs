//! Keys and whose they are.

/// The longest key.
const MAX_KEY_BYTES: usize = 64;

/// What a client put into `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Reads one: 1 to 64 visible ASCII characters. The quotes of the draft's structured field (`"…"`) are part of it if they are sent.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let valid = (1..=MAX_KEY_BYTES).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        let text = valid.then(|| std::str::from_utf8(text).ok())??;
        Some(Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose key it is: a caller's name, of which its operation is part, since a key serves one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(String);

impl Scope {
    /// The scope of this caller for this operation.
    pub fn new(caller: &str, operation: &str) -> Self {
        Self(format!("{caller} {operation}"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn a_key_is_short_and_visible() {
        for (text, good) in [
            (&b"a"[..], true),
            (b"0197-7d5e", true),
            (&[b'x'; 64], true),
            (&[b'x'; 65], false),
            (b"", false),
            (b"a b", false),
            (b"a\n", false),
            ("ä".as_bytes(), false),
        ] {
            assert_eq!(Key::parse(text).is_some(), good, "{text:?}");
        }
    }
}
