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
    #[error("a key may be bound to at most {} addresses and networks", crate::MAX_ADDRESSES)]
    TooManyAddresses,
    /// The time from when on a key is refused is not in the future.
    #[error("the time at which the key expires must be in the future")]
    Expiry,
    /// A document is not taken, shown or judged.
    #[error(transparent)]
    Document(#[from] crate::DocumentError),
    /// A passkey is not made, or lets nobody in.
    #[error(transparent)]
    Passkey(#[from] crate::PasskeyError),
    /// The word of another site is not taken.
    #[error(transparent)]
    Federation(#[from] crate::FederationError),
    /// A wallet is not let in.
    #[error(transparent)]
    Wallet(#[from] crate::WalletError),
    /// The text is no public key that this crate takes; the sentence says why.
    #[error("{0}")]
    PublicKey(&'static str),
    /// The caller asked for what cannot be done.
    #[error(transparent)]
    Refused(#[from] crate::Refusal),
    /// A row of a user cannot be used: it was changed by hand, or written by a newer version.
    #[error("user {id} cannot be used: {reason}")]
    UnusableUser {
        /// The row.
        id: i64,
        /// Why, for the operator.
        reason: String,
    },
    /// The numbers of the engine's accounts are used up.
    #[error("there are as many users as the engine has accounts for")]
    TooManyUsers,
    /// What this crate asked of another one failed.
    #[error("outside of identity: {0}")]
    Port(#[from] crate::ports::PortError),
    /// A setting cannot be followed.
    #[error("{0}")]
    Settings(String),
    /// Somebody else's server does not answer.
    #[error("out of reach: {0}")]
    Unavailable(String),
    /// Something failed that no caller can help.
    #[error("{0}")]
    Internal(String),
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
    /// A word for clients to decide by, where the caller is at fault; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Label => "label_invalid",
            Self::TooManyKeys => "api_keys_too_many",
            Self::TooManyAddresses => "addresses_too_many",
            Self::Expiry => "expiry_invalid",
            Self::PublicKey(_) => "public_key_invalid",
            Self::Refused(refusal) => refusal.code(),
            Self::Document(error) => error.code(),
            Self::Passkey(error) => error.code(),
            Self::Federation(error) => error.code(),
            Self::Wallet(error) => error.code(),
            _ => "internal",
        }
    }

    /// Whether the same call may succeed when it is tried again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => error.is_transient(),
            Self::Port(error) => error.is_transient(),
            Self::Unavailable(_) => true,
            _ => false,
        }
    }

    /// Whether the caller asked for something that cannot be done; its sentence is then fit for the caller. Everything else is for the
    /// operator's eyes only.
    pub fn is_callers_fault(&self) -> bool {
        match self {
            Self::Label | Self::TooManyKeys | Self::TooManyAddresses | Self::Expiry | Self::PublicKey(_) => true,
            Self::Document(error) => error.is_callers_fault(),
            Self::Passkey(error) => error.is_callers_fault(),
            Self::Wallet(error) => error.is_callers_fault(),
            Self::Refused(_) | Self::Federation(_) => true,
            _ => false,
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
