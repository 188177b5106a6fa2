//! A letter: to whom, which, in what language, and what it says.

use lettre::Address;
use runtime::entropy::Random;

use crate::{Data, Error, Locale, Template};

/// Longest address, RFC 5321, section 4.5.3.1.3 less the two angle brackets.
const MAX_ADDRESS: usize = 254;
/// Random bytes of a letter's id.
const ID_BYTES: usize = 16;

/// A letter that can be sent. It is the same letter however often it is tried: its id and its date stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub(crate) id: String,
    pub(crate) to: Address,
    pub(crate) template: Template,
    pub(crate) locale: Locale,
    pub(crate) written_at_us: u64,
    pub(crate) data: Data,
}

impl Letter {
    /// A letter to `to`, written at `now_us`.
    ///
    /// # Errors
    /// [`Error::Address`] for what is no address of ASCII characters, and [`Error::Data`] for values that do not fit the template.
    pub fn new(
        random: &dyn Random,
        now_us: u64,
        to: &str,
        template: Template,
        locale: Locale,
        data: Data,
    ) -> Result<Self, Error> {
        let to = address(to)?;
        data.check(template)?;
        let mut id = [0; ID_BYTES];
        random.fill(&mut id);
        Ok(Self { id: hex::encode(id), to, template, locale, written_at_us: now_us, data })
    }

    /// Names it among all letters: 32 hexadecimal digits, the left part of its `Message-ID`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// To whom.
    pub fn to(&self) -> &str {
        self.to.as_ref()
    }

    /// Which letter.
    pub fn template(&self) -> Template {
        self.template
    }

    /// In which language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// When it was written, in microseconds since 1970.
    pub fn written_at_us(&self) -> u64 {
        self.written_at_us
    }
}

/// Reads an address. Those with other characters than ASCII need SMTPUTF8 on the whole way and are refused; a domain may be
/// given in its ASCII form (`xn--…`).
pub(crate) fn address(text: &str) -> Result<Address, Error> {
    if text.len() > MAX_ADDRESS {
        return Err(Error::Address(format!("it has more than {MAX_ADDRESS} characters")));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Address("it holds a space, a control character, or one outside of ASCII".to_owned()));
    }
    text.parse::<Address>().map_err(|error| Error::Address(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn what_is_no_address_is_refused() {
        for good in ["a@b.example", "first.last+tag@xn--bcher-kva.example", "a@[127.0.0.1]"] {
            address(good).unwrap();
        }
        let long = format!("{}@b.example", "a".repeat(250));
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "a@b.example\nx",
            "<a@b.example>",
            "A <a@b.example>",
            "a@b.example,c@d.example",
            "bücher@b.example",
            "a@bücher.example",
            "a\0@b.example",
            &long,
        ] {
            assert!(address(bad).is_err(), "{bad:?}");
        }
    }
}
