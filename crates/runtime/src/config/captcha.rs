//! Who keeps programs from signing up and in.

use confique::Config;

use super::bounds::any_or_name;
use crate::Error;
use crate::secrets::Secret;

/// The CAPTCHA that sign-up, sign-in and letters ask for.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Captcha {
    /// Whose: `none`, `turnstile` (Cloudflare) or `hcaptcha`.
    #[config(env = "RIALTO_CAPTCHA_PROVIDER", default = "none")]
    pub provider: CaptchaProvider,
    /// The public key of the site, which pages need.
    #[config(env = "RIALTO_CAPTCHA_SITE_KEY")]
    pub site_key: Option<String>,
    /// The secret key, or the name of the secret: `secret:NAME`.
    #[config(env = "RIALTO_CAPTCHA_SECRET", validate = any_or_name)]
    pub secret: Option<Secret<String>>,
    /// Where answers are checked; without it, at the provider's public address.
    #[config(env = "RIALTO_CAPTCHA_VERIFY_URL")]
    pub verify_url: Option<String>,
}

/// Whose CAPTCHA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptchaProvider {
    /// Nobody's: nothing is asked for.
    None,
    /// Cloudflare's.
    Turnstile,
    /// hCaptcha's.
    Hcaptcha,
}

impl Captcha {
    /// The rules between these settings.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.provider != CaptchaProvider::None && (self.secret.is_none() || self.site_key.is_none()) {
            return Err(Error::Settings("captcha.provider needs captcha.site_key and captcha.secret".to_owned()));
        }
        Ok(())
    }
}
