//! What can go wrong with jobs.

use crate::State;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that was asked for cannot be.
    #[error("{what}: {why}")]
    Invalid {
        /// Which part.
        what: &'static str,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// A queue has as many jobs waiting as it may have.
    #[error("the queue {queue} has {most} jobs waiting and takes no more until some are done")]
    Full {
        /// The queue.
        queue: String,
        /// How many may wait.
        most: u64,
    },
    /// The job was given to somebody else, cancelled or finished meanwhile; what was done for it must not be committed.
    #[error("job {id} is no longer held by this worker: do not commit what was done for it")]
    LeaseLost {
        /// The job.
        id: i64,
    },
    /// There is no such job.
    #[error("there is no job {id}; finished jobs are kept for a while only")]
    NotFound {
        /// The job that was asked for.
        id: i64,
    },
    /// There is no such schedule.
    #[error("there is no schedule {name}")]
    NoSchedule {
        /// The schedule that was asked for.
        name: String,
    },
    /// The job is not in a state in which this can be done.
    #[error("job {id} is {state} and cannot be {action}")]
    WrongState {
        /// The job.
        id: i64,
        /// Its state.
        state: State,
        /// What was to be done.
        action: &'static str,
    },
    /// Another job of the same kind and unique key waits or runs.
    #[error("job {id} cannot be tried again while another job with its unique key waits or runs")]
    KeyActive {
        /// The job that was to be tried again.
        id: i64,
    },
    /// A row that nobody of this version wrote.
    #[error("{what} cannot be read; was it written by a newer version?")]
    Unreadable {
        /// Which row.
        what: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl Error {
    /// Whether the same call may succeed when it is tried again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => error.is_transient(),
            Self::Full { .. } => true,
            _ => false,
        }
    }

    /// A name for programs, which stays when the sentence changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "job_invalid",
            Self::Full { .. } => "queue_full",
            Self::LeaseLost { .. } => "lease_lost",
            Self::NotFound { .. } => "job_not_found",
            Self::NoSchedule { .. } => "schedule_not_found",
            Self::WrongState { .. } => "job_state",
            Self::KeyActive { .. } => "job_key_active",
            Self::Unreadable { .. } => "job_unreadable",
            Self::Database(_) => "database",
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
