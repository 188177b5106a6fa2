//! Signing in with a passkey (WebAuthn): the browser is given options, and gives back what the authenticator says.

use identity::Amr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sign_in::{Entered, Keep, entered};
use crate::native::input::{Json, Nothing};
use crate::native::output::Ok200;
use crate::native::shapes::time;
use crate::native::{Call, Problem};

/// What a page hands to `navigator.credentials`.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct PasskeyOptions {
    /// `PublicKeyCredentialRequestOptionsJSON`, or `PublicKeyCredentialCreationOptionsJSON`, of WebAuthn Level 3.
    pub(in crate::native) options: Value,
    /// From when on the answer is refused.
    pub(in crate::native) expires_at: String,
}

/// Begins to sign in with a passkey.
pub(in crate::native) async fn start(call: Call<(), Nothing>) -> Result<Ok200<PasskeyOptions>, Problem> {
    let begun = call.app.native.passkeys()?.start_authentication(call.now_us).await?;
    Ok(Ok200(PasskeyOptions { options: begun.options, expires_at: time(begun.expires_at_us) }))
}

/// What the authenticator says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct FinishSignIn {
    /// `AuthenticationResponseJSON`.
    credential: Value,
    /// Where the tokens are kept.
    #[serde(default)]
    session: Keep,
}

/// Begins a session for whoever's passkey it is.
pub(in crate::native) async fn finish(call: Call<(), Json<FinishSignIn>>) -> Result<Entered, Problem> {
    let Call { app, input: Json(sent), device, cookies, now_us, .. } = call;
    let native = &app.native;
    let answer = sent.credential.to_string();
    let proven = native.passkeys()?.finish_authentication(answer.as_bytes(), now_us).await?;
    let user = identity::UserId(proven.user_id());
    // The authenticator has verified its user: that is two factors already.
    let signed_in = native.people.sign_in.complete(user, &[Amr::Passkey], &device, now_us).await?;
    Ok(entered(&app, &cookies, &signed_in, sent.session, now_us))
}
