//! Settings whose value is the name of a secret: `secret:NAME`.

use super::Settings;
use super::bounds::{database_url, redis_url};
use crate::Error;
use crate::secrets::{Secret, check_name};

const PREFIX: &str = "secret:";

/// The rule of a setting for the value itself.
type Check = fn(&Secret<String>) -> Result<(), String>;

/// A setting that waits for a secret.
#[derive(Debug)]
pub struct Reference<'a> {
    /// The setting, such as `mail.password`.
    pub setting: &'static str,
    /// The name of the secret.
    pub name: String,
    value: &'a mut Secret<String>,
    check: Check,
}

impl Reference<'_> {
    /// Puts the secret in the place of its name.
    ///
    /// # Errors
    /// [`Error::Settings`] if the setting does not take it; the value is not repeated.
    pub fn resolve(self, value: Secret<String>) -> Result<(), Error> {
        (self.check)(&value).map_err(|reason| {
            Error::Settings(format!("{}: the secret `{}` cannot be used: it {reason}", self.setting, self.name))
        })?;
        *self.value = value;
        Ok(())
    }
}

impl Settings {
    /// The settings that name a secret, in place of holding it.
    pub fn references(&mut self) -> Vec<Reference<'_>> {
        let any: Check = |_| Ok(());
        let places: [(&'static str, &mut Option<Secret<String>>, Check); 6] = [
            ("store.database_url", &mut self.store.database_url, database_url),
            ("limits.redis_url", &mut self.limits.redis_url, redis_url),
            ("captcha.secret", &mut self.captcha.secret, any),
            ("documents.secret_access_key", &mut self.documents.secret_access_key, any),
            ("texts.token", &mut self.texts.token, any),
            ("mail.password", &mut self.mail.password, any),
        ];
        let providers = self.oidc.providers.iter_mut().map(|provider| &mut provider.client_secret);
        let places =
            places.into_iter().filter_map(|(setting, value, check)| reference(setting, value.as_mut()?, check));
        places.chain(providers.filter_map(|value| reference("oidc.providers.client_secret", value, any))).collect()
    }
}

fn reference<'a>(setting: &'static str, value: &'a mut Secret<String>, check: Check) -> Option<Reference<'a>> {
    let name = name(value)?.to_owned();
    Some(Reference { setting, name, value, check })
}

/// The name that a value refers to.
pub(super) fn name(value: &Secret<String>) -> Option<&str> {
    value.expose().strip_prefix(PREFIX)
}

/// The check of a value, for a setting that may name a secret instead.
pub(super) fn or_reference(value: &Secret<String>, check: Check) -> Result<(), String> {
    match name(value) {
        Some(name) => check_name(name).map_err(|error| error.to_string()),
        None => check(value),
    }
}
