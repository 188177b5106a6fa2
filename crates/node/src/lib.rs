#![doc = include_str!("../README.md")]

mod config;
mod disk;
mod error;
mod feed;
mod follower;
mod handle;
mod progress;
mod recovery;
mod replica;
mod sequencer;
mod shadow;
pub mod stepped;

pub use config::Config;
pub use error::{Error, SubmitError};
pub use feed::{FeedEnd, Subscription};
pub use follower::Follower;
pub use handle::Node;
pub use recovery::StartReport;
pub use replica::Replica;
