//! A user's own affairs.

pub(super) mod activity;
pub(super) mod api_key;
pub(super) mod deletion;
pub(super) mod document;
pub(super) mod identity;
pub(super) mod passkey;
pub(super) mod password;
pub(super) mod phone;
pub(super) mod profile;
pub(super) mod session;
pub(super) mod sub_account;
pub(super) mod totp;
pub(super) mod user;
pub(super) mod wallet;
