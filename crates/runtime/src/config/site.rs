//! What the exchange is called and where its users find it.

#![allow(clippy::ptr_arg, reason = "the settings library hands a field over as its own type")]

use confique::Config;

use super::bounds::{origin, short_text};

/// What the exchange is called and where its users find it.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Site {
    /// Its name, as messages that users sign, authenticators and mails show it. 1 to 64 characters.
    #[config(env = "RIALTO_SITE_NAME", default = "Rialto", validate = short_text)]
    pub name: String,
    /// Its address in a browser: scheme and host, and the port unless it is the usual one; no path. Passkeys and signatures of wallets
    /// are bound to it, so changing the host ends all passkeys.
    #[config(env = "RIALTO_SITE_URL", default = "http://localhost:8080", validate = origin)]
    pub url: String,
}

impl Site {
    /// The host, and the port unless it is the usual one: `exchange.example`, `localhost:8080`.
    pub fn domain(&self) -> &str {
        self.url.split_once("://").map_or("", |(_, domain)| domain)
    }

    /// Whether browsers reach it by https.
    pub fn is_secure(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        let domain = self.domain();
        match domain.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => domain,
        }
    }

    /// The port that is named.
    pub fn port(&self) -> Option<u16> {
        self.domain().rsplit_once(':').and_then(|(_, port)| port.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounds::origin;
    use super::Site;

    #[test]
    fn an_address_has_its_parts() {
        for (url, domain, host, port) in [
            ("https://exchange.example", "exchange.example", "exchange.example", None),
            ("http://localhost:8080", "localhost:8080", "localhost", Some(8080)),
            ("http://127.0.0.1:9", "127.0.0.1:9", "127.0.0.1", Some(9)),
        ] {
            origin(&url.to_owned()).unwrap();
            let site = Site { name: "x".into(), url: url.into() };
            assert_eq!((site.domain(), site.host(), site.port()), (domain, host, port));
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for url in [
            "",
            "exchange.example",
            "ftp://exchange.example",
            "https://",
            "https://exchange.example/",
            "https://exchange.example/path",
            "https://user@exchange.example",
            "https://Exchange.example",
            "https://exchange.example:443",
            "http://exchange.example:80",
            "https://exchange.example:99999",
            "https://exchange.example?x",
            "https://ex change.example",
            "http://exchange.example",
        ] {
            assert!(origin(&url.to_owned()).is_err(), "{url}");
        }
    }
}
