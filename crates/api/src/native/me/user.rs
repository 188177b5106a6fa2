//! The user itself.

use schemars::JsonSchema;
use serde::Serialize;

use crate::native::input::Nothing;
use crate::native::output::Ok200;
use crate::native::shapes::{UserShape, time};
use crate::native::{Actor, Call, Person, Problem};

/// The user who asks, by a session or by an API key.
pub(in crate::native) async fn get(call: Call<Actor, Nothing>) -> Result<Ok200<UserShape>, Problem> {
    let user = call.who.user.as_ref().ok_or_else(Problem::not_found)?;
    Ok(Ok200(UserShape::from(user)))
}

/// A label of the user.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct LabelShape {
    /// What it is about.
    pub(in crate::native) key: String,
    /// What is known.
    pub(in crate::native) value: String,
    /// Whose word it is: `private` the exchange's, `public` the user's.
    pub(in crate::native) scope: String,
    /// When it was set.
    pub(in crate::native) changed_at: String,
}

impl From<identity::Label> for LabelShape {
    fn from(label: identity::Label) -> Self {
        Self {
            key: label.key,
            value: label.value,
            scope: label.scope.name().to_owned(),
            changed_at: time(label.changed_at_us),
        }
    }
}

/// The labels that the user's level comes from.
pub(in crate::native) async fn labels(call: Call<Person, Nothing>) -> Result<Ok200<Vec<LabelShape>>, Problem> {
    let labels = call.people().labels.list(call.who.user.id).await?;
    Ok(Ok200(labels.into_iter().map(LabelShape::from).collect()))
}
