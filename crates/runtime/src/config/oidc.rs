//! Signing in with the word of another site.

use confique::Config;
use serde::Deserialize;

use super::bounds::any_or_name;
use crate::Error;
use crate::secrets::Secret;

/// Most sites whose word is taken.
const MAX_PROVIDERS: usize = 16;

/// Signing in with the word of another site (OpenID Connect), such as Google's or a company's own.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Oidc {
    /// The sites, each with `id` (a word for paths), `name` (for people), `issuer`, `client_id`, `client_secret` (or `secret:NAME`),
    /// and, if wanted, `scopes` (`["email"]` if left out) and `trust_email` (`false`: a verified address there counts as verified
    /// here). As an environment variable: the same as JSON. docs/guides/people.md shows one.
    #[config(env = "RIALTO_OIDC_PROVIDERS", default = [], parse_env = from_json)]
    pub providers: Vec<OidcProvider>,
    /// Where a browser goes after that, as a path of the site: signed in, or with `?sign_in=` and the code of what went wrong.
    #[config(env = "RIALTO_OIDC_LANDING", default = "/", validate = path)]
    pub landing: String,
}

/// A site whose word is taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    /// A word for paths: small letters, digits and hyphens.
    pub id: String,
    /// What people know it by.
    pub name: String,
    /// Its address, exactly as its tokens say it.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it, or the name of the secret: `secret:NAME`.
    pub client_secret: Secret<String>,
    /// What is asked for beside `openid`.
    #[serde(default = "email")]
    pub scopes: Vec<String>,
    /// Whether an address that it calls verified is verified here, too.
    #[serde(default)]
    pub trust_email: bool,
}

fn email() -> Vec<String> {
    vec!["email".to_owned()]
}

fn from_json(text: &str) -> Result<Vec<OidcProvider>, serde_json::Error> {
    serde_json::from_str(text)
}

/// Accepts a path of the site itself; `//host` would be another one.
#[allow(clippy::ptr_arg, reason = "the settings library hands over the field's own type")]
fn path(text: &String) -> Result<(), String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
    if text.starts_with('/') && !text.starts_with("//") && plain {
        Ok(())
    } else {
        Err("must be a path such as /welcome".to_owned())
    }
}

impl Oidc {
    /// The rules of each provider, and between them.
    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |text: String| Err(Error::Settings(format!("oidc.providers: {text}")));
        if self.providers.len() > MAX_PROVIDERS {
            return wrong(format!("there may be at most {MAX_PROVIDERS}"));
        }
        for (position, provider) in self.providers.iter().enumerate() {
            let OidcProvider { id, issuer, .. } = provider;
            let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if !(1..=32).contains(&id.len()) || !id.bytes().all(letters) {
                return wrong(format!("`{id}` must be 1 to 32 small letters, digits and hyphens"));
            }
            if self.providers[..position].iter().any(|other| other.id == *id) {
                return wrong(format!("`{id}` is there twice"));
            }
            let local = ["http://localhost:", "http://127.0.0.1:"].iter().any(|start| issuer.starts_with(start));
            if !(issuer.starts_with("https://") || local) {
                return wrong(format!("the issuer of `{id}` must begin with https://, unless it is on this machine"));
            }
            if let Err(reason) = any_or_name(&provider.client_secret) {
                return wrong(format!("the client_secret of `{id}` {reason}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl Fn(&mut OidcProvider)) -> Result<(), String> {
        let text = r#"[{"id":"a","name":"A","issuer":"https://a.example","client_id":"c","client_secret":"s"}]"#;
        let mut providers = from_json(text).unwrap();
        change(&mut providers[0]);
        let landing = "/".to_owned();
        Oidc { providers, landing }.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_provider_is_checked() {
        check(|_| {}).unwrap();
        check(|provider| provider.issuer = "http://127.0.0.1:9".into()).unwrap();
        check(|provider| provider.client_secret = Secret::new("secret:google".into())).unwrap();
        for (change, word) in [
            ((|provider| provider.id = "A/b".into()) as fn(&mut OidcProvider), "small letters"),
            (|provider| provider.id = String::new(), "small letters"),
            (|provider| provider.issuer = "http://a.example".into(), "https://"),
            (|provider| provider.client_secret = Secret::new("secret:no such name".into()), "client_secret"),
        ] {
            let refused = check(change).unwrap_err();
            assert!(refused.contains(word), "{refused}");
        }
        assert!(from_json(r#"[{"id":"a"}]"#).is_err());
        for (text, good) in [("/", true), ("/a/b", true), ("a", false), ("//evil.example", false), ("/a?b", false)] {
            assert_eq!(path(&text.to_owned()).is_ok(), good, "{text}");
        }
    }
}
