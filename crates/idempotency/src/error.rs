//! What can go wrong.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A row does not open, or is not what this version writes.
    #[error("the stored answer of an idempotency key cannot be used: {0}")]
    Unusable(&'static str),
}

impl Error {
    /// Whether the same call may succeed when it is tried again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_transient())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
