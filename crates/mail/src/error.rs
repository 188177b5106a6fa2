//! What can go wrong with a letter before it is sent, and while it is.

/// An error of this crate but for sending. All but the database's are final.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The recipient's address cannot be used.
    #[error("the address cannot be used: {0}")]
    Address(String),
    /// The data of a letter does not fit its template.
    #[error("the letter {template} cannot be written: `{field}` {reason}")]
    Data {
        /// The template's name.
        template: &'static str,
        /// Which variable.
        field: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A template cannot be used; an operator's own, for those of the program are tested.
    #[error("the template {file} cannot be used: {reason}")]
    Template {
        /// Its file, from the folder of templates on.
        file: String,
        /// What is wrong, with the line where it is known.
        reason: String,
    },
    /// A part of a letter is larger than any letter may be.
    #[error("the letter is too large: its {part} has more than {limit} bytes")]
    TooLarge {
        /// `subject`, `txt` or `html`.
        part: &'static str,
        /// The most that is allowed.
        limit: usize,
    },
    /// A subject with a line end or another control character, which would end up among the headers.
    #[error("the subject of the letter holds a control character")]
    Subject,
    /// The settings of mail cannot be used.
    #[error("settings: {0}")]
    Settings(String),
    /// A sealed letter does not open: other key, or it was changed.
    #[error(transparent)]
    Sealed(#[from] runtime::Error),
    /// A sealed letter that is none, or one of another version of the program.
    #[error("the letter in the queue cannot be read: {0}")]
    Unreadable(&'static str),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// Why a letter was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may go later: the server is out of reach, busy or wrongly set up, or asks to try again (4xx).
    #[error("the letter was not delivered yet: {0}")]
    Transient(String),
    /// It will never go: the address does not exist, the server refuses the letter (5xx), or it cannot be written.
    #[error("the letter cannot be delivered: {0}")]
    Final(String),
}

impl SendError {
    /// Whether the same letter may be delivered when it is tried again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}

impl From<Error> for SendError {
    fn from(error: Error) -> Self {
        match &error {
            Error::Database(database) if database.is_transient() => Self::Transient(error.to_string()),
            _ => Self::Final(error.to_string()),
        }
    }
}
