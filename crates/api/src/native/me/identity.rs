//! Users of other sites that are linked to the user.

use schemars::JsonSchema;
use serde::Serialize;

use crate::native::input::Nothing;
use crate::native::output::{Done, Ok200};
use crate::native::shapes::{number, time};
use crate::native::{Call, Person, Problem};

/// A user of another site.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct IdentityShape {
    /// Its number.
    id: i64,
    /// The other site.
    issuer: String,
    /// Who the user is there.
    subject: String,
    /// When it was linked.
    linked_at: String,
}

impl From<identity::Federation> for IdentityShape {
    fn from(linked: identity::Federation) -> Self {
        let identity::Federation { id, issuer, subject, linked_at_us, .. } = linked;
        Self { id, issuer, subject, linked_at: time(linked_at_us) }
    }
}

/// The linked users of other sites.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<IdentityShape>>, Problem> {
    let linked = call.app.native.federations.list(call.who.user.id.0).await?;
    Ok(Ok200(linked.into_iter().map(IdentityShape::from).collect()))
}

/// Takes one away. A user without an address keeps the last one: it may be the only way to sign in.
pub(in crate::native) async fn unlink(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let (federations, user) = (&call.app.native.federations, &call.who.user);
    let id = number(call.segment("id"))?;
    let linked = federations.list(user.id.0).await?;
    if user.email.is_none() && linked.len() == 1 && linked[0].id == id {
        let detail = "this may be the only way to sign in: link another site first";
        return Err(Problem::refused(axum::http::StatusCode::CONFLICT, "last_proof", detail));
    }
    federations.unlink(user.id.0, id).await?;
    Ok(Done)
}
