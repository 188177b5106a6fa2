//! What can go wrong with passkeys.

use webauthn_rp::response::auth::error::AuthCeremonyErr;

/// Why a passkey is not made, or lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// The answer cannot be read.
    #[error("this is no answer of an authenticator, or it is too long")]
    Answer,
    /// Nothing of the kind was begun for this user, or it was ended before.
    #[error("nothing was begun that this answers, or it was answered before: begin again")]
    Ceremony,
    /// The answer came too late.
    #[error("the authenticator answered too late: begin again")]
    Expired,
    /// No user has this passkey.
    #[error("this passkey is not known here: it may have been deleted")]
    Unknown,
    /// The authenticator's counter did not move forward: there may be a copy of the key.
    #[error("the counter of this authenticator did not move forward: there may be a copy of its key")]
    Counter,
    /// A rule of WebAuthn is broken: origin, site, user or signature is another.
    #[error("the answer of the authenticator is refused: {0}")]
    Refused(String),
    /// The passkey is registered.
    #[error("this passkey is registered already")]
    Taken,
    /// The user has as many as one may have.
    #[error("a user may have at most {} passkeys: delete one first", super::MAX_PASSKEYS)]
    TooMany,
    /// Too many wait for their authenticators.
    #[error("too many are signing in: try again in some minutes")]
    Busy,
    /// The site has no domain.
    #[error("passkeys need a site with a domain: set site.url")]
    Host,
    /// A row that was tampered with, or written by a newer version.
    #[error("passkey {0} cannot be used: its row does not open")]
    Unusable(i64),
}

impl PasskeyError {
    /// A word for clients to decide by; it never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Answer => "passkey_answer_invalid",
            Self::Ceremony => "passkey_ceremony_unknown",
            Self::Expired => "passkey_ceremony_expired",
            Self::Unknown => "passkey_unknown",
            Self::Counter => "passkey_counter",
            Self::Refused(_) => "passkey_refused",
            Self::Taken => "passkey_taken",
            Self::TooMany => "passkeys_too_many",
            Self::Busy => "passkeys_busy",
            Self::Host | Self::Unusable(_) => "internal",
        }
    }

    /// Whether the caller can mend it.
    pub const fn is_callers_fault(&self) -> bool {
        !matches!(self, Self::Busy | Self::Host | Self::Unusable(_))
    }
}

pub(super) fn of_authentication(error: &AuthCeremonyErr) -> PasskeyError {
    match error {
        AuthCeremonyErr::SignatureCounter => PasskeyError::Counter,
        AuthCeremonyErr::Timeout => PasskeyError::Expired,
        other => PasskeyError::Refused(other.to_string()),
    }
}
