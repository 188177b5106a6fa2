//! The user's authenticator (TOTP, RFC 6238) and its recovery codes.

use runtime::secrets::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing};
use crate::native::output::{Done, Ok200};
use crate::native::{Call, Person, Problem, Verified};

/// What an authenticator app is told.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Enrolment {
    /// `otpauth://totp/…`, to be shown as a QR code.
    uri: String,
    /// The secret in base32, to be typed.
    secret: String,
}

/// Begins to use an authenticator. It counts from its first code on.
pub(in crate::native) async fn enrol(call: Call<Person, Nothing>) -> Result<Ok200<Enrolment>, Problem> {
    let begun = call.people().totp.enrol(call.who.user.id, call.now_us).await?;
    Ok(Ok200(Enrolment { uri: begun.uri.expose().clone(), secret: begun.secret.expose().clone() }))
}

/// A code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Code {
    /// Six digits.
    #[schemars(length(max = 32))]
    code: String,
}

/// Codes for when the authenticator is lost.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct RecoveryCodes {
    /// Each serves once; they are shown now and never again.
    recovery_codes: Vec<String>,
}

fn shown(codes: &[Secret<String>]) -> Ok200<RecoveryCodes> {
    Ok200(RecoveryCodes { recovery_codes: codes.iter().map(|code| code.expose().clone()).collect() })
}

/// Turns the authenticator on with its first code.
pub(in crate::native) async fn confirm(call: Call<Person, Json<Code>>) -> Result<Ok200<RecoveryCodes>, Problem> {
    let codes = call.people().totp.confirm(call.who.user.id, &call.input.0.code, call.now_us).await?;
    Ok(shown(&codes))
}

/// Turns the authenticator off.
pub(in crate::native) async fn disable(call: Call<Verified, Nothing>) -> Result<Done, Problem> {
    call.people().totp.remove(&call.who.0.user, call.now_us).await?;
    Ok(Done)
}

/// Makes new recovery codes in the place of all others.
pub(in crate::native) async fn renew(call: Call<Person, Json<Code>>) -> Result<Ok200<RecoveryCodes>, Problem> {
    let codes = call.people().totp.renew_recovery_codes(&call.who.user, &call.input.0.code, call.now_us).await?;
    Ok(shown(&codes))
}
