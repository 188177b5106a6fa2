#![doc = include_str!("../README.md")]

mod answer;
mod answers;
mod error;
mod key;
mod migrations;
mod store;

pub use answer::{Answer, Fingerprint};
pub use answers::{Answers, Begun, Claim};
pub use error::Error;
pub use key::{Key, Scope};
pub use migrations::migrations;
