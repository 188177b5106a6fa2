//! Identities on both databases.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod access;
mod access_tokens;
mod api_keys;
mod bucket;
mod captcha;
mod deletions;
mod documents;
mod files;
mod freezes;
mod geoip;
mod key_terms;
mod passkeys;
mod phones;
mod profiles;
mod public_keys;
mod services;
mod sessions;
mod sign_in;
mod sign_up;
mod sub_accounts;
mod totp;
mod users;
mod wallets;
mod world;
