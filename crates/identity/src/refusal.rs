//! What a caller may be told when something is refused.

/// Why a request was refused. Each has a stable code for programs and a sentence for people; neither tells what the caller may not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is no e-mail address.
    #[error("this is no e-mail address that letters can be sent to")]
    Email,
    /// There is no such user, or it may not be seen.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user is not in a state in which this can be done.
    #[error("this cannot be done in the present state of the user")]
    UserState,
    /// A password is too short or too long.
    #[error("a password has 8 to 128 characters")]
    PasswordLength,
    /// A password is easy to guess.
    #[error("this password is easy to guess: take a longer one, or several unusual words")]
    PasswordWeak,
    /// A password is known to have been stolen elsewhere.
    #[error("this password is in a list of stolen ones: take another")]
    PasswordBreached,
    /// More passwords are being checked than may wait.
    #[error("too many people sign in at this moment: try again in a few seconds")]
    Busy,
    /// A token of a letter is unknown, used or expired.
    #[error("this link is not valid, was used before or has expired: ask for a new letter")]
    Token,
    /// Address and password do not belong together.
    #[error("the address or the password is wrong")]
    SignIn,
    /// The address was not verified yet.
    #[error("the address is not verified yet: follow the link in the letter, or ask for a new one")]
    EmailNotVerified,
    /// The user is frozen.
    #[error("this user is frozen: ask the support")]
    Frozen,
    /// A code of the authenticator is asked for.
    #[error("a code of the authenticator is needed")]
    CodeNeeded,
    /// The code is wrong, or was used before.
    #[error("the code is wrong or was used before: wait for the next one")]
    Code,
    /// Too many attempts were made.
    #[error("too many attempts: try again later")]
    TooManyAttempts {
        /// When the next one may be made, in microseconds since 1970.
        until_us: u64,
    },
    /// The session, or its refresh token, is not or no longer good.
    #[error("the session has ended: sign in again")]
    SessionEnded,
    /// The session began too long ago for what cannot be undone.
    #[error("you signed in some time ago: sign in again, then repeat this")]
    SessionOld,
    /// The access token is none of ours.
    #[error("the access token is not valid")]
    AccessToken,
    /// The access token was good once.
    #[error("the access token has expired: refresh the session")]
    AccessTokenExpired,
    /// The user's role may not do this.
    #[error("your role may not do this")]
    Forbidden,
    /// There would be no superadmin left.
    #[error("this is the last superadmin: make another one first")]
    LastSuperadmin,
    /// The text is no name of a role.
    #[error("a role has 1 to 32 of the letters a to z, digits, - and _")]
    Role,
    /// The text is no operation, nor a pattern of some.
    #[error(
        "an operation is a method and a path, such as GET /api/v2/admin/users; * stands for any method, or for the rest of the path"
    )]
    Operation,
    /// The role has as many permissions as it may have.
    #[error("there are as many permissions as there may be")]
    TooManyPermissions,
    /// A label's key or value is out of bounds.
    #[error("a label has a key of 1 to 64 of the letters a to z, digits, - and _ and a value of 1 to 255 characters")]
    Label,
    /// The user has as many labels as one may have.
    #[error("there are as many labels as there may be")]
    TooManyLabels,
    /// The authenticator is on already.
    #[error("an authenticator is already in use: disable it first")]
    TotpOn,
    /// There is no authenticator.
    #[error("no authenticator is in use")]
    TotpOff,
    /// A text is too long, too short, or has characters that it may not have.
    #[error("a text is empty, too long, or has control characters")]
    Text,
    /// The text is no phone number.
    #[error("this is no phone number in international form, such as +41446681800")]
    Phone,
    /// The user has as many phones as one may have.
    #[error("there are as many phones as there may be: remove one first")]
    TooManyPhones,
    /// There is no such thing of this user.
    #[error("there is no such thing")]
    NotFound,
    /// The text is no country.
    #[error("a country is given by its two letters of ISO 3166-1, such as CH")]
    Country,
    /// The date is none, or nobody can have been born on it.
    #[error("a date of birth is a day such as 1990-12-31, of somebody who is at least 18 years old")]
    BirthDate,
    /// The user has as many parts as one may have.
    #[error("there are as many sub-accounts as there may be")]
    TooManySubAccounts,
    /// The answer of the CAPTCHA is missing.
    #[error("solve the CAPTCHA and send its answer as `captcha`")]
    CaptchaNeeded,
    /// The answer of the CAPTCHA is wrong, too old, or was used before.
    #[error("the CAPTCHA was not solved, or its answer was used before: solve it again")]
    Captcha,
    /// Another user has verified this number.
    #[error("this number belongs to another user")]
    PhoneTaken,
    /// A service key is malformed, unknown, revoked, or used from elsewhere.
    #[error("the service key is not valid, or may not be used from this address")]
    ServiceKey,
    /// A service key does not have the scope of the operation.
    #[error("the service key does not have the scope of this operation")]
    ScopeMissing,
    /// There are as many keys of services as there may be.
    #[error("there are as many service keys as there may be: revoke one first")]
    TooManyServiceKeys,
    /// A scope is unknown or malformed.
    #[error("a scope has 1 to 64 of the letters a to z, digits, -, _, : and .")]
    Scope,
}

impl Refusal {
    /// The code; it never changes its meaning.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email_invalid",
            Self::NoSuchUser => "user_not_found",
            Self::UserState => "user_state",
            Self::PasswordLength => "password_length",
            Self::PasswordWeak => "password_weak",
            Self::PasswordBreached => "password_breached",
            Self::Busy => "busy",
            Self::Token => "token_invalid",
            Self::SignIn => "sign_in_failed",
            Self::EmailNotVerified => "email_not_verified",
            Self::Frozen => "user_frozen",
            Self::CodeNeeded => "code_needed",
            Self::Code => "code_wrong",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::SessionEnded => "session_ended",
            Self::SessionOld => "session_old",
            Self::AccessToken => "access_token_invalid",
            Self::AccessTokenExpired => "access_token_expired",
            Self::Forbidden => "forbidden",
            Self::LastSuperadmin => "last_superadmin",
            Self::Role => "role_invalid",
            Self::Operation => "operation_invalid",
            Self::TooManyPermissions => "too_many_permissions",
            Self::Label => "label_invalid",
            Self::TooManyLabels => "too_many_labels",
            Self::TotpOn => "totp_on",
            Self::TotpOff => "totp_off",
            Self::Text => "text_invalid",
            Self::Phone => "phone_invalid",
            Self::TooManyPhones => "too_many_phones",
            Self::NotFound => "not_found",
            Self::Country => "country_invalid",
            Self::BirthDate => "birth_date_invalid",
            Self::TooManySubAccounts => "too_many_sub_accounts",
            Self::CaptchaNeeded => "captcha_needed",
            Self::Captcha => "captcha_refused",
            Self::PhoneTaken => "phone_taken",
            Self::ServiceKey => "service_key_invalid",
            Self::ScopeMissing => "scope_missing",
            Self::TooManyServiceKeys => "too_many_service_keys",
            Self::Scope => "scope_invalid",
        }
    }
}
