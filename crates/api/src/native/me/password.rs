//! Changing the password.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::native::auth::sign_up::Hidden;
use crate::native::input::Json;
use crate::native::output::Done;
use crate::native::{Call, Person, Problem};

/// The password of now, and the one to come.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct ChangePassword {
    /// The present password.
    #[schemars(length(max = 128))]
    present: Hidden,
    /// The new one.
    #[schemars(length(min = 8, max = 128))]
    new: Hidden,
}

/// Changes the password and ends all other sessions.
pub(in crate::native) async fn change(call: Call<Person, Json<ChangePassword>>) -> Result<Done, Problem> {
    let Call { app, who, input: Json(sent), device, now_us, .. } = call;
    let (present, new) = (sent.present.into_secret(), sent.new.into_secret());
    app.native.people.resets.change(&who.user, &who.sid, (&present, &new), &device, now_us).await?;
    Ok(Done)
}
