//! Keeping programs out: the answer of a CAPTCHA is checked at its provider.
//!
//! Turnstile and hCaptcha speak the same protocol (`siteverify`): a form with `secret`, `response` and `remoteip`, answered by JSON with
//! `success`. While the provider is out of reach nobody gets in by the guarded doors: a guard that sleeps when it is attacked is none.

use std::net::IpAddr;
use std::time::Duration;

use runtime::config;
use runtime::config::CaptchaProvider;
use runtime::http;
use runtime::secrets::Secret;
use serde::Deserialize;

use crate::{Error, Refusal};

const TURNSTILE: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
const HCAPTCHA: &str = "https://api.hcaptcha.com/siteverify";
/// Turnstile documents 2,048 characters, hCaptcha's are longer.
const MAX_ANSWER_BYTES: usize = 8_192;
const MAX_REPLY_BYTES: usize = 16_384;
const TIMEOUT: Duration = Duration::from_secs(5);

/// The CAPTCHA of the exchange.
#[derive(Debug)]
pub struct Captcha(Option<Provider>);

#[derive(Debug)]
struct Provider {
    url: String,
    secret: Secret<String>,
    client: reqwest::Client,
}

#[derive(Debug, Deserialize)]
struct Reply {
    success: bool,
}

impl Captcha {
    /// By the settings.
    ///
    /// # Errors
    /// [`Error::Settings`] without a secret, or if there can be no HTTP client.
    pub fn new(settings: &config::Captcha) -> Result<Self, Error> {
        let url = match settings.provider {
            CaptchaProvider::None => return Ok(Self(None)),
            CaptchaProvider::Turnstile => TURNSTILE,
            CaptchaProvider::Hcaptcha => HCAPTCHA,
        };
        let url = settings.verify_url.clone().unwrap_or_else(|| url.to_owned());
        let secret = settings.secret.clone().ok_or_else(|| Error::Settings("captcha.secret is not set".to_owned()))?;
        let client = http::client(TIMEOUT).map_err(|error| Error::Settings(error.to_string()))?;
        Ok(Self(Some(Provider { url, secret, client })))
    }

    /// Whether an answer is asked for.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Checks an answer, which serves once.
    ///
    /// # Errors
    /// [`Refusal::CaptchaNeeded`], [`Refusal::Captcha`]; [`Error::Unavailable`] when the provider does not answer.
    pub async fn check(&self, answer: Option<&str>, address: IpAddr) -> Result<(), Error> {
        let Some(provider) = &self.0 else { return Ok(()) };
        let answer = answer.filter(|answer| !answer.is_empty()).ok_or(Refusal::CaptchaNeeded)?;
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(Refusal::Captcha.into());
        }
        let remote = address.to_string();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("secret", provider.secret.expose())
            .append_pair("response", answer)
            .append_pair("remoteip", &remote)
            .finish();
        let away = |why: &dyn std::fmt::Display| Error::Unavailable(format!("the CAPTCHA's provider: {why}"));
        let request = provider.client.post(&provider.url).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let reply = request.send().await.map_err(|error| away(&error.without_url()))?;
        if !reply.status().is_success() {
            return Err(away(&reply.status()));
        }
        let reply = http::body(reply, MAX_REPLY_BYTES).await.map_err(|error| away(&error))?;
        let reply: Reply = serde_json::from_slice(&reply).map_err(|_| away(&"it answers no JSON that we know"))?;
        if reply.success { Ok(()) } else { Err(Refusal::Captcha.into()) }
    }
}
