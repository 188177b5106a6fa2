#![doc = include_str!("../README.md")]

mod api_key;
mod api_keys;
mod error;
mod migrations;
mod store;

pub use api_key::{ApiKey, Permissions, verify_hmac};
pub use api_keys::{
    ApiKeyInfo, ApiKeys, CACHE_SECONDS, Created, MAX_ADDRESSES, MAX_LABEL_CHARS, MAX_LISTED, MAX_LIVE_KEYS,
};
pub use error::Error;
pub use migrations::migrations;
