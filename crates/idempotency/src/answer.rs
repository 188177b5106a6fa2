//! What is kept of a request and of its answer.

use ring::digest;

/// The longest body that is kept.
pub(crate) const MAX_BODY_BYTES: usize = 256 << 10;

/// SHA-256 of what a request asks for: two requests with the same one are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl Fingerprint {
    /// Of a target and a body, as they were sent.
    pub fn of(target: &str, body: &[u8]) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        // The length keeps the two apart.
        hash.update(&(target.len() as u64).to_be_bytes());
        hash.update(target.as_bytes());
        hash.update(body);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        Self(bytes)
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It may be that of a password.
        f.write_str("Fingerprint")
    }
}

/// An answer that can be given again.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body; empty if there is none.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The body may be a secret.
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl Answer {
    /// Status, length of the media type, media type, body.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let media_type = u8::try_from(self.media_type.len()).ok()?;
        if self.body.len() > MAX_BODY_BYTES {
            return None;
        }
        let mut bytes = self.status.to_be_bytes().to_vec();
        bytes.push(media_type);
        bytes.extend_from_slice(self.media_type.as_bytes());
        bytes.extend_from_slice(&self.body);
        Some(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (status, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first()?;
        let (media_type, body) = rest.split_at_checked(usize::from(*length))?;
        let media_type = std::str::from_utf8(media_type).ok()?.to_owned();
        Some(Self { status: u16::from_be_bytes(*status), media_type, body: body.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Fingerprint, MAX_BODY_BYTES};

    #[test]
    fn an_answer_reads_back_and_is_bounded() {
        let answer = Answer { status: 201, media_type: "application/json".to_owned(), body: b"{}".to_vec() };
        assert_eq!(Answer::from_bytes(&answer.to_bytes().unwrap()), Some(answer.clone()));
        assert_eq!(Answer { body: vec![0; MAX_BODY_BYTES + 1], ..answer }.to_bytes(), None);
        assert_eq!(Answer::from_bytes(&[0, 201, 9, b'x']), None);
    }

    #[test]
    fn target_and_body_are_kept_apart() {
        assert_ne!(Fingerprint::of("/a", b"b"), Fingerprint::of("/ab", b""));
    }
}
