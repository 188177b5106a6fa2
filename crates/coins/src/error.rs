//! What can go wrong with the coin list.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is neither TOML nor JSON, or has a key that is not known.
    #[error("the file cannot be read: {0}")]
    File(String),
    /// A coin that cannot be.
    #[error("{symbol}: {what}")]
    Coin {
        /// Its symbol.
        symbol: String,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// More coins than there may be.
    #[error("there may be at most {} coins", crate::MAX_COINS)]
    TooManyCoins,
    /// A row that nobody of this version wrote.
    #[error("the stored coin {symbol} cannot be read: {what}; import it again")]
    Unusable {
        /// Its symbol.
        symbol: String,
        /// Why.
        what: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
