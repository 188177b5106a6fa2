//! What can go wrong with the word of another site.

/// Why another site's word is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FederationError {
    /// No site of this name is set.
    #[error("signing in by this site is not possible: /api/v2/auth/oidc lists those by which it is")]
    Provider,
    /// The browser did not begin this, began it too long ago, or began something else since.
    #[error("this browser did not begin to sign in at another site, or too long ago: begin again")]
    Flow,
    /// The user said no there, or the site refused.
    #[error("the other site did not let you in: {0}")]
    Denied(String),
    /// What it says cannot be trusted: signature, issuer, audience, time or nonce is another.
    #[error("what the other site says cannot be verified: begin again")]
    Token,
    /// A user with this address is here already.
    #[error("somebody here has this address already: sign in as usual and link the other site")]
    EmailTaken,
    /// Another user has it.
    #[error("this user of the other site is linked to another user here")]
    Taken,
    /// The user has as many as one may have.
    #[error("a user may link at most {} others: take one away first", super::MAX_FEDERATIONS)]
    TooMany,
    /// There is no such link.
    #[error("there is no such link")]
    Unknown,
}

impl FederationError {
    /// A word for clients to decide by; it never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Provider => "oidc_provider_unknown",
            Self::Flow => "oidc_flow_unknown",
            Self::Denied(_) => "oidc_denied",
            Self::Token => "oidc_token_refused",
            Self::EmailTaken => "oidc_email_taken",
            Self::Taken => "oidc_taken",
            Self::TooMany => "oidc_too_many",
            Self::Unknown => "oidc_link_unknown",
        }
    }
}
