//! The user's passkeys.

use identity::PasskeyInfo;
use identity::ports::News;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::native::auth::passkey::PasskeyOptions;
use crate::native::input::{Json, Nothing};
use crate::native::output::{Created, Done, Ok200};
use crate::native::shapes::{number, time};
use crate::native::{Call, Person, Problem};

/// A passkey as its owner sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Passkey {
    /// Its number.
    id: i64,
    /// The owner's name for it.
    label: String,
    /// Whether it may be copied to other devices of its owner.
    may_be_synced: bool,
    /// When it was made.
    created_at: String,
    /// When it was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl From<PasskeyInfo> for Passkey {
    fn from(info: PasskeyInfo) -> Self {
        Self {
            id: info.id,
            label: info.label,
            may_be_synced: info.may_be_synced,
            created_at: time(info.created_at_us),
            last_used_at: info.last_used_us.map(time),
        }
    }
}

/// Begins to make a passkey.
pub(in crate::native) async fn start(call: Call<Person, Nothing>) -> Result<Ok200<PasskeyOptions>, Problem> {
    let user = &call.who.user;
    let name = user.email.as_deref().unwrap_or(user.uid.as_str());
    let begun = call.app.native.passkeys()?.start_registration(user.id.0, name, call.now_us).await?;
    Ok(Ok200(PasskeyOptions { options: begun.options, expires_at: time(begun.expires_at_us) }))
}

/// What the authenticator says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct FinishPasskey {
    /// `RegistrationResponseJSON`.
    credential: Value,
    /// The owner's name for it.
    #[schemars(length(min = 1, max = 100))]
    label: String,
}

/// Keeps the passkey that the authenticator made.
pub(in crate::native) async fn finish(call: Call<Person, Json<FinishPasskey>>) -> Result<Created<Passkey>, Problem> {
    let Call { app, who, input: Json(sent), device, now_us, .. } = call;
    let answer = sent.credential.to_string();
    let passkeys = app.native.passkeys()?;
    let made = passkeys.finish_registration(who.user.id.0, &sent.label, answer.as_bytes(), now_us).await?;
    let news = News::PasskeyAdded { label: made.label.clone(), device };
    app.native.people.tell(&who.user, "passkey", "add", news, now_us).await?;
    Ok(Created(made.into()))
}

/// The passkeys.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<Passkey>>, Problem> {
    let passkeys = call.app.native.passkeys()?.list(call.who.user.id.0).await?;
    Ok(Ok200(passkeys.into_iter().map(Passkey::from).collect()))
}

/// Deletes one.
pub(in crate::native) async fn delete(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let id = number(call.segment("id"))?;
    let deleted = call.app.native.passkeys()?.delete(call.who.user.id.0, id).await?;
    if deleted { Ok(Done) } else { Err(Problem::not_found()) }
}
