//! E-mail addresses as people write them.

use std::fmt;

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization;

use crate::Refusal;

/// Longest address (RFC 5321, section 4.5.3.1, less the angle brackets).
pub const MAX_EMAIL_BYTES: usize = 254;

/// A valid address.
///
/// Two addresses that differ in upper and lower case only are the same person: mail systems deliver them to one mailbox, and a second
/// user under such a name would be there to deceive.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    written: String,
    key: String,
}

impl Email {
    /// Reads an address: no display name, no address literal, a domain with at least two labels. The domain becomes ASCII and lower case
    /// (IDNA, UTS 46), and all of it Unicode's normal form C.
    ///
    /// # Errors
    /// [`Refusal::Email`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        // Normalising makes a text at most three times as long; the parser never sees more than this.
        if text.len() > MAX_EMAIL_BYTES || text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            return Err(Refusal::Email);
        }
        let text: String = text.nfc().collect();
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        let address = EmailAddress::parse_with_options(&text, options).map_err(|_| Refusal::Email)?;
        let domain = idna::domain_to_ascii_strict(address.domain()).map_err(|_| Refusal::Email)?;
        let written = format!("{}@{domain}", address.local_part());
        if written.len() > MAX_EMAIL_BYTES {
            return Err(Refusal::Email);
        }
        let key = format!("{}@{domain}", address.local_part().to_lowercase());
        Ok(Self { written, key })
    }

    /// To write to.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// To compare and look up by.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The part before the domain.
    pub(crate) fn local_part(&self) -> &str {
        self.written.rsplit_once('@').map_or(self.written.as_str(), |(local, _)| local)
    }
}

impl fmt::Debug for Email {
    /// An address is personal: logs get its domain alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…@{}", self.written.rsplit_once('@').map_or("", |(_, domain)| domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalised() {
        for (text, written, key) in [
            ("Alice@Example.COM", "Alice@example.com", "alice@example.com"),
            ("  bob+x@a.example ", "bob+x@a.example", "bob+x@a.example"),
            ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example", "jürgen@xn--bcher-kva.example"),
            // The umlaut as two characters.
            ("ju\u{308}rgen@b\u{fc}cher.example", "jürgen@xn--bcher-kva.example", "jürgen@xn--bcher-kva.example"),
        ] {
            let email = Email::parse(text).unwrap();
            assert_eq!((email.as_str(), email.key()), (written, key));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.com", "b.".repeat(130));
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@localhost",
            "a@[127.0.0.1]",
            "A <a@example.com>",
            "a@b@example.com",
            "a b@example.com",
            "a@example.com\r\nBcc: b@example.com",
            "a@exa mple.com",
            "a@-example.com",
            "a@example..com",
            &long,
            &longer,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_person_is_not_printed() {
        let text = format!("{:?}", Email::parse("alice@example.com").unwrap());
        assert!(!text.contains("alice"), "{text}");
    }
}
