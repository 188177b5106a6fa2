//! The user's phones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing};
use crate::native::output::{Created, Done, Ok200};
use crate::native::shapes::{number, time};
use crate::native::{Call, Person, Problem};

/// A phone.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct PhoneShape {
    /// Its number in the list.
    id: i64,
    /// The number, of which only the end is shown.
    number: String,
    /// When it was verified; absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<String>,
}

impl From<identity::Phone> for PhoneShape {
    fn from(phone: identity::Phone) -> Self {
        Self { id: phone.id, number: phone.masked, verified_at: phone.verified_at_us.map(time) }
    }
}

/// A phone to be named.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct AddPhone {
    /// In international form: `+41446681800`.
    #[schemars(length(max = 40))]
    number: String,
}

/// Names a phone and sends a code to it.
pub(in crate::native) async fn add(call: Call<Person, Json<AddPhone>>) -> Result<Created<PhoneShape>, Problem> {
    let phone = call.people().phones.add(&call.who.user, &call.input.0.number, call.now_us).await?;
    Ok(Created(phone.into()))
}

/// The code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct VerifyPhone {
    /// Six digits.
    #[schemars(length(max = 16))]
    code: String,
}

/// Verifies a phone by the code that was sent to it.
pub(in crate::native) async fn verify(call: Call<Person, Json<VerifyPhone>>) -> Result<Ok200<PhoneShape>, Problem> {
    let id = number(call.segment("id"))?;
    let (phones, user) = (&call.people().phones, &call.who.user);
    let phone = phones.verify(user, id, &call.input.0.code, &call.device, call.now_us).await?;
    Ok(Ok200(phone.into()))
}

/// The phones.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<PhoneShape>>, Problem> {
    let phones = call.people().phones.list(call.who.user.id).await?;
    Ok(Ok200(phones.into_iter().map(PhoneShape::from).collect()))
}

/// Removes one.
pub(in crate::native) async fn remove(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let id = number(call.segment("id"))?;
    call.people().phones.remove(call.who.user.id, id, call.now_us).await?;
    Ok(Done)
}
