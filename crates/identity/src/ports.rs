//! What this crate needs from others; the program gives it.

use std::fmt;
use std::net::IpAddr;

use futures_util::future::BoxFuture;
use runtime::secrets::Secret;
use sea_orm::DatabaseTransaction;

use crate::user::Uid;

/// Why a port failed. The text is for operators.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct PortError {
    source: Box<dyn std::error::Error + Send + Sync>,
    transient: bool,
}

impl PortError {
    /// What went wrong, and whether it may succeed when it is tried again.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>, transient: bool) -> Self {
        Self { source: source.into(), transient }
    }

    /// Whether the same call may succeed when it is tried again.
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

/// A letter to a user.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Whom it is about.
    pub uid: Uid,
    /// The address.
    pub to: String,
    /// The language.
    pub locale: String,
    /// When it happened, in microseconds since 1970.
    pub at_us: u64,
    /// What it says.
    pub news: News,
}

/// What a letter says.
#[derive(Debug, Clone)]
pub enum News {
    /// Verify the address with this token.
    VerifyEmail {
        /// The token.
        token: Secret<String>,
        /// Until when it is good.
        expires_at_us: u64,
    },
    /// Somebody signed up with this address, which has a user already.
    AlreadyRegistered,
    /// Set a new password with this token.
    ResetPassword {
        /// The token.
        token: Secret<String>,
        /// Until when it is good.
        expires_at_us: u64,
    },
    /// The password was changed.
    PasswordChanged {
        /// By whom.
        device: Device,
    },
    /// Somebody signed in from a device that was not seen before.
    NewDevice {
        /// The device.
        device: Device,
    },
    /// Codes of an authenticator are now asked for.
    TotpOn,
    /// Codes of an authenticator are no longer asked for.
    TotpOff,
    /// New recovery codes were made; the old ones are void.
    RecoveryCodes,
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// How many are left.
        left: u32,
    },
    /// Sign-in is locked after too many failures.
    Locked {
        /// Until when.
        until_us: u64,
    },
    /// A refresh token was used twice, so its session was ended.
    SessionStolen,
    /// A passkey was made.
    PasskeyAdded {
        /// The owner's name for it.
        label: String,
        /// By whom.
        device: Device,
    },
    /// An API key was made.
    ApiKeyMade {
        /// The owner's name for it.
        label: String,
        /// What it may do.
        permissions: String,
        /// By whom.
        device: Device,
    },
    /// An API key was revoked.
    ApiKeyRevoked {
        /// Its public part.
        key: String,
        /// By whom.
        device: Device,
    },
    /// A document was found right.
    DocumentApproved {
        /// What it shows.
        document: String,
    },
    /// A document was found wrong.
    DocumentRejected {
        /// What it shows.
        document: String,
        /// Why.
        reason: String,
    },
    /// The exchange stopped the user.
    Frozen,
    /// The exchange lets the user go on.
    Unfrozen,
    /// The user was closed.
    Deleted,
}

impl News {
    /// The name, which is also that of the letter's template.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify-email",
            Self::AlreadyRegistered => "already-registered",
            Self::ResetPassword { .. } => "reset-password",
            Self::PasswordChanged { .. } => "password-changed",
            Self::NewDevice { .. } => "new-device",
            Self::TotpOn => "totp-on",
            Self::TotpOff => "totp-off",
            Self::RecoveryCodes => "recovery-codes",
            Self::RecoveryCodeUsed { .. } => "recovery-code-used",
            Self::Locked { .. } => "locked",
            Self::SessionStolen => "session-stolen",
            Self::PasskeyAdded { .. } => "passkey-added",
            Self::ApiKeyMade { .. } => "api-key-made",
            Self::ApiKeyRevoked { .. } => "api-key-revoked",
            Self::DocumentApproved { .. } => "document-approved",
            Self::DocumentRejected { .. } => "document-rejected",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
            Self::Deleted => "deleted",
        }
    }

    /// From where it was done, if that is told.
    pub const fn device(&self) -> Option<&Device> {
        match self {
            Self::PasswordChanged { device }
            | Self::NewDevice { device }
            | Self::PasskeyAdded { device, .. }
            | Self::ApiKeyMade { device, .. }
            | Self::ApiKeyRevoked { device, .. } => Some(device),
            _ => None,
        }
    }
}

/// From where and with what somebody calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The address.
    pub ip: IpAddr,
    /// What the client says of itself, at most [`Device::MAX_USER_AGENT_BYTES`].
    pub user_agent: String,
    /// The country of the address, two letters, where a file of them is configured.
    pub country: Option<String>,
}

impl Device {
    /// Longer texts are cut.
    pub const MAX_USER_AGENT_BYTES: usize = 256;

    /// A device; what the client says is cut to its bound and stripped of control characters.
    pub fn new(ip: IpAddr, user_agent: &str) -> Self {
        Self {
            ip: ip.to_canonical(),
            user_agent: crate::bounded(user_agent, Self::MAX_USER_AGENT_BYTES),
            country: None,
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", self.user_agent, self.ip)
    }
}

/// Letters to users.
pub trait Notices: Send + Sync + fmt::Debug {
    /// Writes the letter down in the caller's transaction: it is sent if, and only if, that commits.
    fn send<'a>(&'a self, write: &'a DatabaseTransaction, notice: Notice) -> BoxFuture<'a, Result<(), PortError>>;
}

/// The engine's accounts.
pub trait Accounts: Send + Sync + fmt::Debug {
    /// Opens an account, under a master if it is a part of one. To open one that is open already succeeds.
    fn open(&self, account: u32, parent: Option<u32>) -> BoxFuture<'_, Result<(), PortError>>;
}

/// Text messages to phones.
pub trait Texts: Send + Sync + fmt::Debug {
    /// Writes the message down in the caller's transaction: it is sent if, and only if, that commits. `phone` is in E.164, with its plus.
    fn send<'a>(
        &'a self,
        write: &'a DatabaseTransaction,
        phone: &'a str,
        locale: &'a str,
        code: Secret<String>,
    ) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Whatever else lets somebody act for an account, such as API keys.
pub trait AccountBlocks: Send + Sync + fmt::Debug {
    /// Refuses everybody who would act for the account, in the caller's transaction.
    fn block<'a>(
        &'a self,
        write: &'a DatabaseTransaction,
        account: u32,
        now_us: u64,
    ) -> BoxFuture<'a, Result<(), PortError>>;
    /// Lets those act again who were blocked, in the caller's transaction.
    fn unblock<'a>(&'a self, write: &'a DatabaseTransaction, account: u32) -> BoxFuture<'a, Result<(), PortError>>;
    /// Such a transaction was committed: what memory holds of the account is void from now on.
    fn changed(&self, account: u32) -> BoxFuture<'_, ()>;
}
