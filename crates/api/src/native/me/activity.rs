//! What the user did, and what was done to it.

use identity::{ActivityInfo, Filter};
use schemars::JsonSchema;
use serde::Serialize;

use crate::native::input::Query;
use crate::native::output::{Ok200, Page};
use crate::native::page::{keyset, page};
use crate::native::shapes::{PageQuery, time};
use crate::native::{Call, Person, Problem};

/// An entry of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct ActivityShape {
    /// When.
    at: String,
    /// `session`, `password`, `otp`, `account` and so on.
    topic: String,
    /// What was done.
    action: String,
    /// `succeeded` or `failed`.
    result: String,
    /// Whether somebody else did it.
    by_other: bool,
    /// More.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// From which country.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
}

impl ActivityShape {
    /// As administrators see it.
    pub(in crate::native) fn whole(info: ActivityInfo) -> Self {
        Self {
            at: time(info.at_us),
            topic: info.topic,
            action: info.action,
            result: info.result,
            by_other: info.actor.is_some(),
            detail: info.detail,
            ip: info.ip,
            user_agent: info.user_agent,
            country: info.country,
        }
    }
}

impl From<ActivityInfo> for ActivityShape {
    fn from(info: ActivityInfo) -> Self {
        let shape = Self::whole(info);
        // What administrators say of a user is theirs, and so is where they sit.
        match shape.by_other {
            true => Self { detail: None, ip: None, user_agent: None, country: None, ..shape },
            false => shape,
        }
    }
}

/// The log, the newest entries first.
pub(in crate::native) async fn list(
    call: Call<Person, Query<PageQuery>>,
) -> Result<Ok200<Page<ActivityShape>>, Problem> {
    let filter = Filter { user: Some(call.who.user.id), ..Filter::default() };
    let rows = call.people().activity.page(&filter, &keyset(&call.input.0)?).await?;
    Ok(Ok200(page(rows, ActivityShape::from)))
}
