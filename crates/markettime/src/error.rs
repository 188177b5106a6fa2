//! What can go wrong with schedules.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no TOML, or has a key that is not known.
    #[error("the file cannot be read: {0}")]
    File(#[from] toml::de::Error),
    /// A rule that cannot be.
    #[error("{symbol}: {what}")]
    Rule {
        /// The market of the schedule.
        symbol: String,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// More schedules than there may be.
    #[error("there may be at most {} schedules", crate::MAX_SCHEDULES)]
    TooManySchedules,
    /// A row that nobody of this version wrote.
    #[error("the stored schedule of {symbol} cannot be read: {what}; import it again")]
    Unusable {
        /// The market.
        symbol: String,
        /// Why.
        what: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
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
