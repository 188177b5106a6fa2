//! Who the user says he is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing};
use crate::native::output::{Done, Ok200};
use crate::native::{Call, Person, Problem};

/// A profile. Every field may be left out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct ProfileShape {
    /// First names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    /// A day such as `1990-12-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    born_on: Option<String>,
    /// Two letters of ISO 3166-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postcode: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    street: Option<String>,
}

impl From<identity::Profile> for ProfileShape {
    fn from(profile: identity::Profile) -> Self {
        Self {
            first_name: profile.first_name,
            last_name: profile.last_name,
            born_on: profile.born_on.map(|day| day.to_string()),
            country: profile.country,
            city: profile.city,
            postcode: profile.postcode,
            street: profile.street,
        }
    }
}

/// The profile.
pub(in crate::native) async fn get(call: Call<Person, Nothing>) -> Result<Ok200<ProfileShape>, Problem> {
    Ok(Ok200(call.people().profiles.get(call.who.user.id).await?.into()))
}

/// Writes the profile in the place of the one that was there.
pub(in crate::native) async fn put(call: Call<Person, Json<ProfileShape>>) -> Result<Done, Problem> {
    let Call { app, who, input: Json(sent), now_us, .. } = call;
    let born_on = sent.born_on.map(|day| day.parse()).transpose().map_err(|_| identity::Refusal::BirthDate)?;
    let profile = identity::Profile {
        first_name: sent.first_name,
        last_name: sent.last_name,
        born_on,
        country: sent.country,
        city: sent.city,
        postcode: sent.postcode,
        street: sent.street,
    };
    app.native.people.profiles.put(who.user.id, &profile, now_us).await?;
    Ok(Done)
}
