//! A job: before it is enqueued, while it is held by a worker, and the states that it has.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Failure, Jobs, Retry};

/// Bytes of the name of a queue, a kind or a schedule, at most.
pub const MAX_NAME_BYTES: usize = 64;
/// Bytes of a payload as JSON text, at most: a job says what is to be done, not with what.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 10;
/// Bytes of a unique key, at most.
pub const MAX_UNIQUE_KEY_BYTES: usize = 200;

/// A job to be enqueued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// The queue: what shares limits, a pause and the slots of workers. Letters, digits, `.`, `_` and `-`.
    pub queue: String,
    /// What is to be done: which handler takes it.
    pub kind: String,
    /// With what. Kept in the clear and shown to administrators: no secrets.
    pub payload: serde_json::Value,
    /// Jobs of higher priority are taken first.
    pub priority: i16,
    /// Not before this time, in microseconds since 1970; `None`: at once.
    pub run_at_us: Option<u64>,
    /// While a job of the same kind with the same key waits or runs, no other is enqueued.
    pub unique_key: Option<String>,
    /// What happens when an attempt fails.
    pub retry: Retry,
}

impl NewJob {
    /// A job of ordinary priority, due at once, with the default policy.
    pub fn new(queue: impl Into<String>, kind: impl Into<String>, payload: serde_json::Value) -> Self {
        Self {
            queue: queue.into(),
            kind: kind.into(),
            payload,
            priority: 0,
            run_at_us: None,
            unique_key: None,
            retry: Retry::default(),
        }
    }

    /// Checks the bounds; gives the payload as text.
    pub(crate) fn check(&self) -> Result<String, Error> {
        check_name("queue", &self.queue)?;
        check_name("kind", &self.kind)?;
        self.retry.check()?;
        if let Some(key) = &self.unique_key
            && (key.is_empty() || key.len() > MAX_UNIQUE_KEY_BYTES || key.chars().any(char::is_control))
        {
            let why = format!("it must have 1 to {MAX_UNIQUE_KEY_BYTES} bytes and no control characters");
            return Err(Error::Invalid { what: "unique key", why });
        }
        let text = self.payload.to_string();
        if text.len() > MAX_PAYLOAD_BYTES {
            let why = format!(
                "it has {} bytes, and may have {MAX_PAYLOAD_BYTES}: store the data and name its row",
                text.len()
            );
            return Err(Error::Invalid { what: "payload", why });
        }
        Ok(text)
    }
}

/// Refuses what could be mistaken in a log or a metric.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), Error> {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(usual) {
        let why = format!("a name has 1 to {MAX_NAME_BYTES} letters, digits, `.`, `_` or `-`");
        return Err(Error::Invalid { what, why });
    }
    Ok(())
}

/// What became of the wish to enqueue a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is a new job, of this id.
    New(i64),
    /// A job with the same unique key is active already: this one.
    Active(i64),
}

impl Enqueued {
    /// The id of the job that does it.
    pub const fn id(self) -> i64 {
        match self {
            Self::New(id) | Self::Active(id) => id,
        }
    }
}

/// Where a job is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Due; the next free slot takes it.
    Waiting,
    /// Not due yet: put off, or between two attempts.
    Delayed,
    /// Held by a worker.
    Running,
    /// Done.
    Done,
    /// A dead letter: its attempts are used up, or a failure was the last word.
    Dead,
    /// Given up by somebody.
    Cancelled,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Delayed, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Whether nothing happens to it any more.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }

    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delayed => "delayed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Its number in SQL: the partial indexes know them.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Delayed => 1,
            Self::Running => 2,
            Self::Done => 3,
            Self::Dead => 4,
            Self::Cancelled => 5,
        }
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A job that a worker holds. Clones are the same hold on it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id: the same at every attempt, so that it serves as a key of idempotence towards others.
    pub id: i64,
    /// Its queue.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// Its payload as JSON text.
    pub payload: String,
    /// Which attempt this is, from 1 on.
    pub attempt: u32,
    /// Its unique key, if it has one.
    pub unique_key: Option<String>,
    /// When it was due, in microseconds since 1970.
    pub run_at_us: u64,
    pub(crate) retry: Retry,
    pub(crate) hold: Hold,
    pub(crate) jobs: Jobs,
    /// Whether the handler has completed it in its own transaction.
    pub(crate) completed: Arc<AtomicBool>,
}

/// One hold on a job. Each time that a job is given to a worker its claim is one higher, so that who lost it can change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Hold {
    pub(crate) id: i64,
    pub(crate) claim: i64,
}

impl Job {
    /// The payload as a value of its type.
    ///
    /// # Errors
    /// A last failure: it will not fit another time either.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.payload).map_err(|error| {
            // The message may quote the payload, which need not go where failures go.
            Failure::last(format!("the payload does not fit at line {}, column {}", error.line(), error.column()))
        })
    }

    /// Whether this is the last attempt that the job's policy grants.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.retry.attempts
    }

    /// Completes the job in the handler's own transaction: what was written there and the completion are committed together or not
    /// at all. Return `Ok` after the commit. A handler that does not call this is completed after it has returned `Ok`.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]: roll back. Or the database's.
    pub async fn complete(&self, write: &impl ConnectionTrait) -> Result<(), Error> {
        self.jobs.complete(write, std::slice::from_ref(self)).await
    }

    pub(crate) fn is_completed(&self) -> bool {
        self.completed.load(Ordering::Acquire)
    }
}
