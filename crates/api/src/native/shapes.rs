//! Shapes that several operations share.

use super::Problem;
use identity::{SessionInfo, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A moment as clients read it: RFC 3339 in UTC.
pub(super) fn time(us: u64) -> String {
    let us = i64::try_from(us).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(us).map_or_else(|_| String::new(), |time| time.to_string())
}

/// A number in a path. What is none belongs to nothing.
pub(super) fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// A user as the user, and whoever administrates, sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UserShape {
    /// The public name.
    uid: String,
    /// The address; absent for who came by a wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `pending`, `active`, `frozen` or `deleted`.
    state: String,
    /// What it may do beside its own affairs.
    role: String,
    /// 0 to 3.
    level: u8,
    /// The language of its letters.
    locale: String,
    /// The account in the engine.
    account: u32,
    /// `person`, `sub-account` or `service`.
    kind: String,
    /// When it was made.
    created_at: String,
}

impl From<&User> for UserShape {
    fn from(user: &User) -> Self {
        Self {
            uid: user.uid.to_string(),
            email: user.email.clone(),
            state: user.state.name().to_owned(),
            role: user.role.as_str().to_owned(),
            level: user.level,
            locale: user.locale.clone(),
            account: user.account,
            kind: user.kind.name().to_owned(),
            created_at: time(user.created_at_us),
        }
    }
}

/// A session as its owner sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SessionShape {
    /// Its name.
    sid: String,
    /// Whether it is the one that asks.
    current: bool,
    /// From where it was used last.
    ip: String,
    /// What the client said of itself.
    user_agent: String,
    /// The country, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// How its owner proved who he is (RFC 8176).
    amr: Vec<String>,
    /// When it began.
    created_at: String,
    /// When it was refreshed last.
    last_used_at: String,
    /// When it ends at the latest.
    expires_at: String,
}

impl SessionShape {
    pub(super) fn new(session: SessionInfo, current: &str) -> Self {
        Self {
            current: session.sid == current,
            sid: session.sid,
            ip: session.ip,
            user_agent: session.user_agent,
            country: session.country,
            amr: session.amr,
            created_at: time(session.created_at_us),
            last_used_at: time(session.last_used_at_us),
            expires_at: time(session.expires_at_us),
        }
    }
}

/// Which part of a long list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// What the part before gave as `next`.
    pub(super) cursor: Option<String>,
    /// How many rows at most: 1 to 100; 50 if it is left out.
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u32>,
}
