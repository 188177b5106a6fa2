//! Made-up values for every variable: templates are tried with them when they are loaded.

use crate::{Data, Kind, Template};

/// Values that fit `template`.
pub fn sample(template: Template) -> Data {
    template.fields().iter().fold(Data::new(), |data, field| match (field.kind, field.name) {
        (Kind::Link, name) => data.text(name, "https://exchange.example/go?a=1&token=3f9c"),
        (Kind::Time, name) => data.number(name, 1_700_000_000_000_000),
        (Kind::Number, "valid_minutes") => data.number("valid_minutes", 60),
        (Kind::Number, name) => data.number(name, 7),
        (Kind::Text, "ip") => data.text("ip", "203.0.113.7"),
        (Kind::Optional, "country") => data.text("country", "Österreich"),
        (Kind::Optional, name) => data.text(name, "Firefox 140 on Linux"),
        (Kind::Text, "permissions") => data.text("permissions", "read, trade"),
        (Kind::Text, "document") => data.text("document", "Reisepaß.png"),
        (Kind::Text, name) => data.text(name, format!("Grüße & <b>{name}</b>")),
    })
}
