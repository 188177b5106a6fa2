//! Signing up with an address, and verifying it.

use identity::Email;
use runtime::secrets::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::native::input::Json;
use crate::native::output::{Accepted, Ok200};
use crate::native::shapes::UserShape;
use crate::native::{Call, Problem};

/// Who wants in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct SignUp {
    /// The address.
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// The password: 8 to 128 characters, hard to guess, and in no list of stolen ones.
    #[schemars(length(min = 8, max = 128))]
    password: Hidden,
    /// The language of letters, such as `en` or `de`; English if it is left out.
    #[serde(default)]
    locale: Option<String>,
    /// The answer of the CAPTCHA, where the exchange asks for one.
    #[serde(default)]
    captcha: Option<String>,
}

/// A text that is kept out of logs.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub(in crate::native) struct Hidden(String);

impl Hidden {
    pub(in crate::native) fn into_secret(self) -> Secret<String> {
        Secret::new(self.0)
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

/// Writes a letter to the address. The answer does not tell whether it has a user.
pub(in crate::native) async fn request(call: Call<(), Json<SignUp>>) -> Result<Accepted, Problem> {
    let Call { app, input: Json(sent), device, now_us, .. } = call;
    app.native.check_captcha(sent.captcha.as_deref(), &device).await?;
    let email = Email::parse(&sent.email)?;
    let locale = sent.locale.as_deref().unwrap_or("en");
    app.native.people.sign_up.request(&email, &sent.password.into_secret(), locale, &device, now_us).await?;
    Ok(Accepted)
}

/// An address that wants another letter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Address {
    /// The address.
    #[schemars(length(min = 3, max = 254))]
    pub(in crate::native) email: String,
    /// The answer of the CAPTCHA, where the exchange asks for one.
    #[serde(default)]
    pub(in crate::native) captcha: Option<String>,
}

/// Writes another letter to an address that waits to be verified. The answer does not tell whether it does.
pub(in crate::native) async fn resend(call: Call<(), Json<Address>>) -> Result<Accepted, Problem> {
    let Call { app, input: Json(sent), device, now_us, .. } = call;
    app.native.check_captcha(sent.captcha.as_deref(), &device).await?;
    app.native.people.sign_up.resend(&Email::parse(&sent.email)?, &device, now_us).await?;
    Ok(Accepted)
}

/// What the letter says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct LetterToken {
    /// The token of the letter.
    token: Hidden,
}

/// Makes the user of the letter active.
pub(in crate::native) async fn verify(call: Call<(), Json<LetterToken>>) -> Result<Ok200<UserShape>, Problem> {
    let Call { app, input: Json(sent), device, now_us, .. } = call;
    let user = app.native.people.sign_up.verify(&sent.token.into_secret(), &device, now_us).await?;
    Ok(Ok200(UserShape::from(&user)))
}
