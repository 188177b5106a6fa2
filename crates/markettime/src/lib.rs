#![doc = include_str!("../README.md")]

mod calendar;
mod decision;
mod error;
mod migrations;
mod moments;
mod rules;
mod schedules;
mod store;

pub use calendar::{Schedule, Standing};
pub use decision::{Actual, Decision, Last, decide};
pub use error::Error;
pub use migrations::migrations;
pub use rules::{
    ClosedState, Day, Holiday, MAX_HOLIDAYS, MAX_MAINTENANCE, MAX_NAME_CHARS, MAX_SCHEDULES, MAX_SESSIONS, Maintenance,
    Rules, Session, parse_file, write_file,
};
pub use schedules::{Outcome, Pending, Schedules, Stored};
