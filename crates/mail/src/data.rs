//! What a letter is told, checked against the variables of its template.

use std::collections::BTreeMap;
use std::fmt;

use minijinja::Value;
use serde::{Deserialize, Serialize};

use crate::{Error, Field, Kind, Locale, Template};

/// The values of a template's variables. They may hold the token of a link, so they are never printed, and sealed in the queue.
///
/// Numbers are kept as text: how a value is read is the template's to say.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Data(BTreeMap<String, String>);

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Data {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a text or a link.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// With a number, or a moment in microseconds since 1970.
    #[must_use]
    pub fn number(self, name: &str, value: i64) -> Self {
        self.text(name, value.to_string())
    }

    /// Whether these are the variables of `template`, no less and no more, with values of their kinds.
    pub(crate) fn check(&self, template: Template) -> Result<(), Error> {
        let refuse = |field: &str, reason| {
            Err(Error::Data { template: template.name(), field: field.chars().take(50).collect(), reason })
        };
        for field in template.fields() {
            let Some(value) = self.0.get(field.name) else {
                if field.kind == Kind::Optional {
                    continue;
                }
                return refuse(field.name, "is missing");
            };
            if let Err(reason) = check(field.kind, value) {
                return refuse(field.name, reason);
            }
        }
        let declared = |name: &String| template.fields().iter().any(|field| field.name == name);
        self.0.keys().find(|name| !declared(name)).map_or(Ok(()), |name| refuse(name, "is no variable of it"))
    }

    /// The values as a template sees them. They have passed [`check`](Self::check).
    pub(crate) fn values(&self, template: Template, locale: Locale) -> BTreeMap<String, Value> {
        let value = |field: &Field| {
            let given = self.0.get(field.name).map(String::as_str);
            let text = if field.kind == Kind::Optional { given.unwrap_or_default() } else { given? };
            Some(match field.kind {
                Kind::Text | Kind::Optional | Kind::Link => Value::from(text),
                Kind::Number => Value::from(text.parse::<i64>().ok()?),
                Kind::Time => Value::from(locale.time(text.parse().ok()?)?),
            })
        };
        // A value that were missing here would be found by the template, which refuses what is not defined.
        template.fields().iter().filter_map(|field| Some((field.name.to_owned(), value(field)?))).collect()
    }
}

fn check(kind: Kind, value: &str) -> Result<(), &'static str> {
    match kind {
        Kind::Text if value.trim().is_empty() => Err("is empty"),
        Kind::Text | Kind::Optional if value.chars().count() > Field::MAX_TEXT => Err("is too long"),
        // A line end would let a name pass for further lines of the letter.
        Kind::Text | Kind::Optional if value.chars().any(char::is_control) => Err("holds a control character"),
        Kind::Text | Kind::Optional => Ok(()),
        Kind::Link if value.len() > Field::MAX_LINK => Err("is too long"),
        Kind::Link if !["https://", "http://"].iter().any(|scheme| value.starts_with(scheme)) => {
            Err("does not begin with https:// or http://")
        }
        Kind::Link if !value.bytes().all(|byte| byte.is_ascii_graphic()) => Err("holds what no link may hold"),
        Kind::Link => Ok(()),
        Kind::Number => value.parse::<i64>().map(drop).map_err(|_| "is no whole number"),
        Kind::Time => value.parse().ok().and_then(|time| Locale::En.time(time)).map(drop).ok_or("is no time"),
    }
}

#[cfg(test)]
mod tests {
    use super::Data;
    use crate::Template;

    fn refusal(template: Template, data: &Data) -> String {
        data.check(template).unwrap_err().to_string()
    }

    #[test]
    fn the_variables_are_those_of_the_template() {
        let data = Data::new().text("document", "passport.png");
        data.check(Template::DocumentApproved).unwrap();
        assert!(refusal(Template::DocumentRejected, &data).contains("`reason` is missing"));
        assert!(refusal(Template::DocumentApproved, &data.text("x", "1")).contains("`x` is no variable of it"));
    }

    #[test]
    fn values_are_of_their_kind() {
        let document = |value: &str| refusal(Template::DocumentApproved, &Data::new().text("document", value));
        assert!(document(" ").contains("is empty"));
        assert!(document("a\r\nBcc: b@c").contains("control character"));
        assert!(document(&"ä".repeat(501)).contains("too long"));
        let link = |value: &str| refusal(Template::AlreadyRegistered, &Data::new().text("link", value));
        assert!(link("javascript:alert(1)").contains("https://"));
        assert!(link("https://x/ y").contains("no link may hold"));
        assert!(link(&format!("https://{}", "x".repeat(2_000))).contains("too long"));
        let when = |value: &str| refusal(Template::Deleted, &Data::new().text("when_us", value));
        assert!(when("yesterday").contains("is no time"));
        assert!(when("9223372036854775807").contains("is no time"));
        let left = Data::new().number("when_us", 1).text("left", "1.5");
        assert!(refusal(Template::RecoveryCodeUsed, &left).contains("whole number"));
        let device = |value: &str| Data::new().number("when_us", 1).text("ip", "::1").text("device", value);
        device("").check(Template::PasswordChanged).unwrap();
        Data::new().number("when_us", 1).text("ip", "::1").check(Template::PasswordChanged).unwrap();
        assert!(refusal(Template::PasswordChanged, &device("a\nb")).contains("control character"));
    }

    #[test]
    fn values_are_not_printed() {
        assert_eq!(format!("{:?}", Data::new().text("link", "https://x/token")), r#"{"link"}"#);
    }
}
