//! A letter as a message of RFC 5322.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartBuilder, MultiPartKind, SinglePart};

use crate::{Error, Letter, Rendered};

/// Who sends.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) from: Mailbox,
    pub(crate) reply_to: Option<Mailbox>,
}

impl Sender {
    /// Reads `NAME <ADDRESS>`, or an address alone.
    pub(crate) fn new(from: &str, reply_to: Option<&str>) -> Result<Self, Error> {
        let from = mailbox("mail.from", from)?;
        Ok(Self { from, reply_to: reply_to.map(|text| mailbox("mail.reply_to", text)).transpose()? })
    }

    /// The `Message-ID` of a letter: the same for every attempt, so that a letter that came twice is known as one.
    pub(crate) fn message_id(&self, letter: &Letter) -> String {
        format!("<{}@{}>", letter.id, self.from.email.domain())
    }

    /// The message, byte for byte the same for the same letter.
    pub(crate) fn message(&self, letter: &Letter, rendered: Rendered) -> Result<Message, Error> {
        let date = UNIX_EPOCH + Duration::from_micros(letter.written_at_us);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, letter.to.clone()))
            .subject(rendered.subject)
            .date(date)
            .message_id(Some(self.message_id(letter)))
            // RFC 3834: nobody's holiday notice answers it.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", letter.locale.code()));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        // Drawn by the library it would differ between attempts.
        let parts = MultiPartBuilder::new().kind(MultiPartKind::Alternative).boundary(format!("part-{}", letter.id));
        let parts = parts.singlepart(SinglePart::plain(rendered.text)).singlepart(SinglePart::html(rendered.html));
        build(builder, parts)
    }
}

fn build(builder: lettre::message::MessageBuilder, parts: MultiPart) -> Result<Message, Error> {
    builder.multipart(parts).map_err(|error| Error::Address(error.to_string()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn mailbox(setting: &str, text: &str) -> Result<Mailbox, Error> {
    let failed = |reason: String| Error::Settings(format!("{setting} is not `NAME <ADDRESS>`: {reason}"));
    if text.chars().any(char::is_control) {
        return Err(failed("it holds a control character".to_owned()));
    }
    let mailbox: Mailbox = text.parse().map_err(|error: lettre::address::AddressError| failed(error.to_string()))?;
    let ascii = mailbox.email.user().is_ascii() && mailbox.email.domain().is_ascii();
    if ascii { Ok(mailbox) } else { Err(failed("the address is not ASCII".to_owned())) }
}

#[cfg(test)]
mod tests {
    use runtime::entropy::SeededRandom;

    use super::*;
    use crate::{Locale, Template, sample};

    fn letter() -> Letter {
        let (random, data) = (SeededRandom::new(1), sample(Template::NewDevice));
        Letter::new(&random, 1_700_000_000_000_000, "a@b.example", Template::NewDevice, Locale::De, data).unwrap()
    }

    fn rendered(subject: &str) -> Rendered {
        Rendered { subject: subject.to_owned(), text: "Grüße\n".to_owned(), html: "<p>Grüße</p>\n".to_owned() }
    }

    #[test]
    fn a_retry_is_the_same_message() {
        let sender = Sender::new("Börse <no-reply@x.example>", Some("help@x.example")).unwrap();
        let first = sender.message(&letter(), rendered("Grüße")).unwrap().formatted();
        assert_eq!(first, sender.message(&letter(), rendered("Grüße")).unwrap().formatted());
        let text = String::from_utf8(first).unwrap();
        assert!(text.contains(&format!("Message-ID: <{}@x.example>\r\n", letter().id)), "{text}");
        assert!(text.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"), "{text}");
        assert!(text.contains("Reply-To: help@x.example\r\n"), "{text}");
    }

    /// Our own checks refuse line ends before; this is what stands behind them.
    #[test]
    fn a_line_end_in_a_subject_begins_no_header() {
        let sender = Sender::new("no-reply@x.example", None).unwrap();
        let message = sender.message(&letter(), rendered("Hello\r\nBcc: thief@x.example\r\n\r\nbody")).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(!text.to_lowercase().contains("\nbcc:"), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
        assert!(text.contains("\r\nSubject: =?utf-8?b?") && text.matches("multipart").count() == 1, "{text}");
    }

    #[test]
    fn a_sender_of_more_than_one_line_is_refused() {
        for bad in ["A\r\nBcc: b@c.example <a@b.example>", "nobody", "a@b.example, c@d.example", "A <ä@b.example>"] {
            assert!(Sender::new(bad, None).is_err(), "{bad:?}");
        }
    }
}
