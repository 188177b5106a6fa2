//! Parts of the user, each with an account of its own.

use identity::UserKind;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::native::input::{Json, Nothing};
use crate::native::output::{Created, Ok200};
use crate::native::shapes::UserShape;
use crate::native::{Call, Person, Problem};

/// What stands behind it.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::native) enum SubAccountKind {
    /// A part of the user.
    #[default]
    SubAccount,
    /// A program of the user.
    Service,
}

/// A sub-account to be made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct CreateSubAccount {
    /// What stands behind it.
    #[serde(default)]
    kind: SubAccountKind,
}

/// Makes a sub-account, or an account for a program. API keys act for it.
pub(in crate::native) async fn create(
    call: Call<Person, Json<CreateSubAccount>>,
) -> Result<Created<UserShape>, Problem> {
    let kind = match call.input.0.kind {
        SubAccountKind::SubAccount => UserKind::SubAccount,
        SubAccountKind::Service => UserKind::Service,
    };
    let part = call.people().sub_accounts.create(&call.who.user, kind, call.now_us).await?;
    Ok(Created(UserShape::from(&part)))
}

/// The sub-accounts.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<UserShape>>, Problem> {
    let parts = call.people().sub_accounts.list(&call.who.user).await?;
    Ok(Ok200(parts.iter().map(UserShape::from).collect()))
}
