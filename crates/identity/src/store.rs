//! SQL of this crate. No other crate touches these tables.

pub(crate) mod activity;
pub(crate) mod api_key;
pub(crate) mod label;
pub(crate) mod lockout;
pub(crate) mod permission;
pub(crate) mod phone;
pub(crate) mod profile;
pub(crate) mod refresh_token;
pub(crate) mod service_key;
pub(crate) mod session;
pub(crate) mod signing_key;
pub(crate) mod token;
pub(crate) mod totp;
pub(crate) mod user;

/// SQL has no unsigned integers; the largest signed one is in the year 294,247.
pub(crate) fn to_sql(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX)
}

/// The other way.
pub(crate) fn from_sql(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0)
}
pub(crate) mod document;
pub(crate) mod federation;
pub(crate) mod passkey;
pub(crate) mod passkey_ceremony;
pub(crate) mod wallet;
pub(crate) mod wallet_message;
