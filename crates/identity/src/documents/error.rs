//! What can go wrong with documents.

use super::{MAX_DOCUMENT_BYTES, MAX_DOCUMENTS};

/// Why a document is not taken, shown or judged.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file is not what is taken; the text says why.
    #[error("the file is not taken: {0}")]
    Content(&'static str),
    /// The file is empty or too large.
    #[error("a file must have 1 to {MAX_DOCUMENT_BYTES} bytes")]
    Size,
    /// A field is missing or wrong; the text says which.
    #[error("{0}")]
    Field(&'static str),
    /// The user has as many as one may have.
    #[error("a user may have at most {MAX_DOCUMENTS} documents: delete one first")]
    TooMany,
    /// There is none of this number.
    #[error("there is no such document")]
    Unknown,
    /// It was judged before, or is not there any more.
    #[error("this document does not wait for a review")]
    Judged,
    /// Nobody judges his own document.
    #[error("nobody reviews a document of his own")]
    OwnDocument,
    /// An approved document is kept.
    #[error("an approved document is kept as long as the account")]
    Kept,
    /// What lies in the store is not what was put there.
    #[error("document {0} cannot be opened: what lies in the store was changed, or its key")]
    Tampered(i64),
    /// A row that a newer version wrote.
    #[error("document {0} cannot be used: this version does not know its kind or state")]
    Unusable(i64),
    /// The store failed.
    #[error("the store of documents failed: {0}")]
    Store(#[from] object_store::Error),
    /// The settings of the store are wrong; the text says which.
    #[error("{0}")]
    Settings(String),
}

impl DocumentError {
    /// A word for clients to decide by; it never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Content(_) => "document_content_refused",
            Self::Size => "document_size",
            Self::Field(_) => "document_field_invalid",
            Self::TooMany => "documents_too_many",
            Self::Unknown => "document_unknown",
            Self::Judged => "document_judged",
            Self::OwnDocument => "document_own",
            Self::Kept => "document_kept",
            Self::Tampered(_) | Self::Unusable(_) | Self::Store(_) | Self::Settings(_) => "internal",
        }
    }

    /// Whether the caller can mend it.
    pub const fn is_callers_fault(&self) -> bool {
        !matches!(self, Self::Tampered(_) | Self::Unusable(_) | Self::Store(_) | Self::Settings(_))
    }
}
