#![doc = include_str!("../README.md")]

mod error;
mod file;
mod source;
mod vault;

pub use error::Error;
pub use file::{Contents, SealedFile};
pub use source::Secrets;
pub use vault::Vault;
