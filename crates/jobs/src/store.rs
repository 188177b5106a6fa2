//! SQL of this crate. No other crate touches these tables.

pub(crate) mod board;
pub(crate) mod claim;
pub(crate) mod error;
pub(crate) mod held;
pub(crate) mod job;
pub(crate) mod queue;
pub(crate) mod schedule;
mod sql;

/// A time as SQL has it. What lies beyond the year 294,000 is the end of time.
pub(crate) fn time(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX)
}

/// A time from SQL. Nobody writes one before 1970.
pub(crate) fn from_time(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0)
}
