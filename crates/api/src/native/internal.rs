//! What programs of the exchange ask of it, by a service key with a scope.

use identity::Uid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::auth::sign_up::Hidden;
use super::input::{Json, Nothing};
use super::output::Ok200;
use super::shapes::UserShape;
use super::{Call, Problem, Service};

/// An access token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Introspect {
    /// The token.
    token: Hidden,
}

/// What a token is worth now (after RFC 7662).
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Introspected {
    /// Whether it is good, its session lives and its user may act.
    active: bool,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// The user as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserShape>,
}

/// Says what an access token is worth now.
pub(super) async fn introspect(call: Call<Service, Json<Introspect>>) -> Result<Ok200<Introspected>, Problem> {
    let Call { app, input: Json(sent), now_us, .. } = call;
    let token = sent.token.into_secret();
    let answer = match app.native.people.sign_in.authenticate(token.expose(), now_us).await {
        Ok(caller) => Introspected { active: true, sid: Some(caller.sid), user: Some(UserShape::from(&caller.user)) },
        Err(identity::Error::Refused(_)) => Introspected { active: false, sid: None, user: None },
        Err(error) => return Err(error.into()),
    };
    Ok(Ok200(answer))
}

/// A user, by its uid.
pub(super) async fn user(call: Call<Service, Nothing>) -> Result<Ok200<UserShape>, Problem> {
    let uid = Uid::parse(call.segment("uid")).ok_or(identity::Refusal::NoSuchUser)?;
    let user = call.people().users.by_uid(&uid).await?.ok_or(identity::Refusal::NoSuchUser)?;
    Ok(Ok200(UserShape::from(&user)))
}
