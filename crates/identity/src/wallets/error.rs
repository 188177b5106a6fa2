//! What can go wrong with wallets.

/// Why a wallet is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalletError {
    /// Not an address of this kind, or its checksum is wrong.
    #[error("this is no address of such a wallet: check it, its letters' case too")]
    Address,
    /// A chain that the site does not sign in on.
    #[error("signing in is not possible on this chain")]
    Chain,
    /// Nothing of the kind was made here for this purpose, or it was used before.
    #[error("this message is not known or was used before: ask for a new one")]
    Message,
    /// It was signed too late.
    #[error("this message has expired: ask for a new one")]
    Expired,
    /// Not a signature of the message by the key of its address.
    #[error("the signature is not the one of this message by its address")]
    Signature,
    /// Another user has it.
    #[error("this wallet belongs to another user")]
    Taken,
    /// The user has as many as one may have.
    #[error("a user may link at most {} wallets: take one away first", super::MAX_WALLETS)]
    TooMany,
    /// Too many messages wait to be signed.
    #[error("too many wallets are signing in: try again in some minutes")]
    Busy,
    /// A row that a newer version wrote.
    #[error("wallet {0} cannot be used: this version does not know its kind")]
    Unusable(i64),
}

impl WalletError {
    /// A word for clients to decide by; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "wallet_address_invalid",
            Self::Chain => "wallet_chain_unsupported",
            Self::Message => "wallet_message_unknown",
            Self::Expired => "wallet_message_expired",
            Self::Signature => "wallet_signature_invalid",
            Self::Taken => "wallet_taken",
            Self::TooMany => "wallets_too_many",
            Self::Busy => "wallets_busy",
            Self::Unusable(_) => "internal",
        }
    }

    /// Whether the caller can mend it.
    pub const fn is_callers_fault(self) -> bool {
        !matches!(self, Self::Busy | Self::Unusable(_))
    }
}
