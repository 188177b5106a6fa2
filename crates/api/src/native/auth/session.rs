//! Going on with a session, and ending it.

use runtime::secrets::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::sign_in::{Entered, Keep, entered};
use super::sign_up::Hidden;
use crate::native::cookies::Name;
use crate::native::input::{Json, Nothing};
use crate::native::output::{Done, WithHeaders};
use crate::native::{Call, Person, Problem};

/// A refresh token, unless the browser keeps it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Refresh {
    /// The token that the session's last answer gave; left out by a page, whose browser keeps it in a cookie.
    #[serde(default)]
    refresh_token: Option<Hidden>,
}

/// Goes on with a session: new tokens for a refresh token, which serves once. One that was used before ends its session.
pub(in crate::native) async fn refresh(call: Call<(), Json<Refresh>>) -> Result<Entered, Problem> {
    let Call { app, input: Json(sent), device, cookies, now_us, .. } = call;
    let (token, keep) = match sent.refresh_token {
        Some(token) => (token.into_secret(), Keep::Token),
        // The cookie is sent by own pages alone (SameSite=Strict), and JSON by no other site without leave (CORS).
        None => {
            let token = cookies.get(Name::Refresh).ok_or(identity::Refusal::SessionEnded)?;
            (Secret::new(token.to_owned()), Keep::Cookie)
        }
    };
    let signed_in = app.native.people.sign_in.refresh(&token, &device, now_us).await?;
    Ok(entered(&app, &cookies, &signed_in, keep, now_us))
}

/// Ends the session.
pub(in crate::native) async fn sign_out(call: Call<Person, Nothing>) -> Result<WithHeaders<Done>, Problem> {
    let person = &call.who;
    call.people().sessions.end(person.user.id, &person.sid, call.now_us).await?;
    Ok(WithHeaders(Done, call.cookies.clear()))
}
