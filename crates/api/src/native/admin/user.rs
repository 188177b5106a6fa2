//! Users.

use identity::{Email, Filter, LabelScope, Role, UserState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing, Query};
use crate::native::me::activity::ActivityShape;
use crate::native::me::phone::PhoneShape;
use crate::native::me::profile::ProfileShape;
use crate::native::me::user::LabelShape;
use crate::native::output::{Done, Ok200, Page};
use crate::native::page::{keyset, page};
use crate::native::shapes::{PageQuery, UserShape};
use crate::native::{Call, Officer, Problem};

/// Which users.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Users {
    /// Only those in this state: `pending`, `active`, `frozen` or `deleted`.
    state: Option<String>,
    /// Only the one with this address.
    email: Option<String>,
    /// What the part before gave as `next`.
    cursor: Option<String>,
    /// How many rows at most: 1 to 100; 50 if it is left out.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// Users, the newest first.
pub(in crate::native) async fn list(call: Call<Officer, Query<Users>>) -> Result<Ok200<Page<UserShape>>, Problem> {
    let Query(sent) = &call.input;
    let wrong = || Problem::bad_request("state_invalid", "state is pending, active, frozen or deleted");
    let state = sent.state.as_deref().map(|state| UserState::from_name(state).ok_or_else(wrong)).transpose()?;
    let email = sent.email.as_deref().map(Email::parse).transpose()?;
    let part = keyset(&PageQuery { cursor: sent.cursor.clone(), limit: sent.limit })?;
    let rows = call.people().users.page(state, email.as_ref(), &part).await?;
    Ok(Ok200(page(rows, |user| UserShape::from(&user))))
}

/// A user with what is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct UserDetail {
    /// The user.
    user: UserShape,
    /// Its labels.
    labels: Vec<LabelShape>,
    /// Its profile.
    profile: ProfileShape,
    /// Its phones.
    phones: Vec<PhoneShape>,
    /// Whether it has an authenticator.
    totp: bool,
}

/// One user.
pub(in crate::native) async fn get(call: Call<Officer, Nothing>) -> Result<Ok200<UserDetail>, Problem> {
    let user = call.user().await?;
    let people = call.people();
    let labels = people.labels.list(user.id).await?;
    let phones = people.phones.list(user.id).await?;
    Ok(Ok200(UserDetail {
        labels: labels.into_iter().map(LabelShape::from).collect(),
        profile: people.profiles.get(user.id).await?.into(),
        phones: phones.into_iter().map(PhoneShape::from).collect(),
        totp: people.totp.is_on(user.id).await?,
        user: UserShape::from(&user),
    }))
}

/// Why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Reason {
    /// For the log, not for the user.
    #[schemars(length(min = 1, max = 255))]
    reason: String,
}

/// Freezes a user and its sub-accounts: sessions end, keys are refused, nobody signs in.
pub(in crate::native) async fn freeze(call: Call<Officer, Json<Reason>>) -> Result<Done, Problem> {
    let user = call.user().await?;
    call.people().freezes.freeze(call.who.0.user.id, user.id, &call.input.0.reason, call.now_us).await?;
    Ok(Done)
}

/// Lets a frozen user go on.
pub(in crate::native) async fn unfreeze(call: Call<Officer, Json<Reason>>) -> Result<Done, Problem> {
    let user = call.user().await?;
    call.people().freezes.unfreeze(call.who.0.user.id, user.id, &call.input.0.reason, call.now_us).await?;
    Ok(Done)
}

/// A role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct NewRole {
    /// Its name; `member` has no permission at all.
    role: String,
}

/// Gives a user a role. Only a superadmin may.
pub(in crate::native) async fn set_role(call: Call<Officer, Json<NewRole>>) -> Result<Done, Problem> {
    let user = call.user().await?;
    let role = Role::parse(&call.input.0.role).ok_or(identity::Refusal::Role)?;
    call.people().roles.set_role(call.who.0.user.id, user.id, &role, call.now_us).await?;
    Ok(Done)
}

/// A label.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct NewLabel {
    /// What is known, such as `verified`.
    value: String,
}

/// The level that follows.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct LevelShape {
    /// 0 to 3.
    level: u8,
}

/// Sets a label on the exchange's word, and the level that follows.
pub(in crate::native) async fn set_label(call: Call<Officer, Json<NewLabel>>) -> Result<Ok200<LevelShape>, Problem> {
    let user = call.user().await?;
    let (key, value) = (call.segment("key"), &call.input.0.value);
    let level = call.people().labels.set(user.id, LabelScope::Private, key, value, call.now_us).await?;
    Ok(Ok200(LevelShape { level }))
}

/// Removes a label, and sets the level that follows.
pub(in crate::native) async fn remove_label(call: Call<Officer, Nothing>) -> Result<Ok200<LevelShape>, Problem> {
    let user = call.user().await?;
    let level = call.people().labels.remove(user.id, LabelScope::Private, call.segment("key"), call.now_us).await?;
    Ok(Ok200(LevelShape { level: level.ok_or_else(Problem::not_found)? }))
}

/// Turns the authenticator of a user off, who has proved who he is in another way.
pub(in crate::native) async fn remove_totp(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    let user = call.user().await?;
    call.people().totp.remove(&user, call.now_us).await?;
    Ok(Done)
}

/// What a user did and what was done to it, the newest entries first.
pub(in crate::native) async fn activity(
    call: Call<Officer, Query<PageQuery>>,
) -> Result<Ok200<Page<ActivityShape>>, Problem> {
    let user = call.user().await?;
    let filter = Filter { user: Some(user.id), ..Filter::default() };
    let rows = call.people().activity.page(&filter, &keyset(&call.input.0)?).await?;
    Ok(Ok200(page(rows, ActivityShape::whole)))
}
