#![doc = include_str!("../README.md")]

mod account;
mod address;
mod limits;
mod local;
mod rules;
mod shared;
#[cfg(feature = "testing")]
pub mod testing;

pub use account::{Orders, Span, TooManyOrders};
pub use address::{Admission, Verdict};
pub use limits::Limits;
pub use rules::Rules;
pub use shared::InvalidUrl;
