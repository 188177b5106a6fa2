#![doc = include_str!("../README.md")]

mod board;
mod calendar;
mod claim;
mod completions;
mod error;
mod failure;
mod job;
mod jobs;
mod migrations;
mod outcome;
mod queues;
mod retention;
mod retry;
mod schedules;
mod stalls;
mod store;
mod worker;

pub use board::{Attempt, Counts, Detail, Filter, MOST_CLEANED, MOST_COUNTED, QueueStatus, Summary};
pub use claim::{Claim, Claimed};
pub use error::Error;
pub use failure::{Failure, MAX_ERROR_CHARS};
pub use job::{Enqueued, Job, MAX_NAME_BYTES, MAX_PAYLOAD_BYTES, MAX_UNIQUE_KEY_BYTES, NewJob, State};
pub use jobs::{Jobs, MOST_TOGETHER, MOST_WAITING};
pub use migrations::migrations;
pub use queues::{Limits, Queue, Rate};
pub use retention::Retention;
pub use retry::{MOST_ATTEMPTS, Retry, Wait};
pub use schedules::{MOST_SCHEDULES, NewSchedule, Schedule};
pub use stalls::Stalls;
pub use worker::{Options, Worker};
