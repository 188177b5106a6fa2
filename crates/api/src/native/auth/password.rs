//! A forgotten password.

use identity::Email;
use schemars::JsonSchema;
use serde::Deserialize;

use super::sign_up::{Address, Hidden};
use crate::native::input::Json;
use crate::native::output::{Accepted, Done};
use crate::native::{Call, Problem};

/// Writes a letter by which a new password can be set. The answer does not tell whether the address has a user.
pub(in crate::native) async fn forgot(call: Call<(), Json<Address>>) -> Result<Accepted, Problem> {
    let Call { app, input: Json(sent), device, now_us, .. } = call;
    app.native.check_captcha(sent.captcha.as_deref(), &device).await?;
    app.native.people.resets.request(&Email::parse(&sent.email)?, &device, now_us).await?;
    Ok(Accepted)
}

/// The new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Reset {
    /// The token of the letter.
    token: Hidden,
    /// The new password.
    #[schemars(length(min = 8, max = 128))]
    password: Hidden,
}

/// Sets a new password and ends all sessions.
pub(in crate::native) async fn reset(call: Call<(), Json<Reset>>) -> Result<Done, Problem> {
    let Call { app, input: Json(sent), device, now_us, .. } = call;
    let (token, password) = (sent.token.into_secret(), sent.password.into_secret());
    app.native.people.resets.reset(&token, &password, &device, now_us).await?;
    Ok(Done)
}
