#![doc = include_str!("../README.md")]

mod api_key;
mod api_keys;
mod error;
mod kind;
mod migrations;
mod public_key;
mod store;
mod verifier;

pub use api_key::{ApiKey, Permissions};
pub use api_keys::{
    ApiKeyInfo, ApiKeys, CACHE_SECONDS, Created, MAX_ADDRESSES, MAX_LABEL_CHARS, MAX_LISTED, MAX_LIVE_KEYS,
};
pub use error::Error;
pub use kind::KeyKind;
pub use migrations::migrations;
pub use public_key::{MAX_PEM_BYTES, PublicKey};
