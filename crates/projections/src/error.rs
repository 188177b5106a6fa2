use model::Sequence;

/// Why a view could not follow the journal. In both cases the caller loads a fresh image, or rebuilds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// Steps are missing between what is held and the batch.
    #[error("the view stands before sequence {expected}, but the feed goes on at {found}")]
    Gap {
        /// The step that should have come.
        expected: Sequence,
        /// The step that came.
        found: Sequence,
    },
    /// An event does not fit what is held: a defect, here or in what made the event.
    #[error("the view does not fit the event at sequence {sequence}: {what}")]
    Diverged {
        /// The step of the event.
        sequence: Sequence,
        /// What did not fit.
        what: &'static str,
    },
}

/// What can go wrong with the projections in SQL.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal cannot be followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// Another projector writes to the same tables.
    #[error("another process writes the projections: their checkpoint is no longer {expected}")]
    Contended {
        /// Where this projector left it.
        expected: Sequence,
    },
    /// A stored row says something that nobody writes.
    #[error("the table {table} holds a row that makes no sense: {what}; rebuild the projections")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What makes no sense.
        what: &'static str,
    },
}

impl Error {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => error.is_transient(),
            Self::Contended { .. } => true,
            Self::Follow(_) | Self::Corrupt { .. } => false,
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
