//! What can go wrong with identities.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The label of a key is empty, too long, or has control characters.
    #[error("the label must have 1 to {} characters and no control characters", crate::MAX_LABEL_CHARS)]
    Label,
    /// The account has as many live keys as one may have.
    #[error("an account may have at most {} live API keys: revoke one first", crate::MAX_LIVE_KEYS)]
    TooManyKeys,
    /// More addresses than a key may be bound to.
    #[error("a key may be bound to at most {} addresses", crate::MAX_ADDRESSES)]
    TooManyAddresses,
    /// The text is no public key that this crate takes; the sentence says why.
    #[error("{0}")]
    PublicKey(&'static str),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A row cannot be used: its secret does not open, or it was written by a newer version.
    #[error("API key {id} cannot be used: {reason}")]
    Unusable {
        /// The row.
        id: i64,
        /// Why, for the operator.
        reason: String,
    },
}

impl Error {
    /// Whether the same call may succeed when it is tried again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_transient())
    }

    /// Whether the caller asked for something that cannot be done; its sentence is then fit for the caller. Everything else is for the
    /// operator's eyes only.
    pub fn is_callers_fault(&self) -> bool {
        matches!(self, Self::Label | Self::TooManyKeys | Self::TooManyAddresses | Self::PublicKey(_))
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
