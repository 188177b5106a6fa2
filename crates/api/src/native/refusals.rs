//! What the domain refuses, as problems: the status of each code is decided here and nowhere else.

use axum::http::StatusCode;
use identity::{Error, Refusal};

use super::Problem;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let refused = Self::refused(status(refusal), refusal.code(), refusal.to_string());
        match refusal {
            Refusal::TooManyAttempts { until_us } => refused.with("until", super::shapes::time(until_us)),
            Refusal::Busy => refused.retry_after(5),
            _ => refused,
        }
    }
}

const fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::SignIn
        | Refusal::SessionEnded
        | Refusal::AccessToken
        | Refusal::AccessTokenExpired
        | Refusal::ServiceKey => StatusCode::UNAUTHORIZED,
        Refusal::EmailNotVerified
        | Refusal::Frozen
        | Refusal::CodeNeeded
        | Refusal::Code
        | Refusal::Forbidden
        | Refusal::SessionOld
        | Refusal::CaptchaNeeded
        | Refusal::Captcha
        | Refusal::TotpOff
        | Refusal::ScopeMissing
        | Refusal::LastSuperadmin => StatusCode::FORBIDDEN,
        Refusal::NoSuchUser | Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::UserState
        | Refusal::TotpOn
        | Refusal::TooManyPermissions
        | Refusal::TooManyLabels
        | Refusal::TooManyPhones
        | Refusal::TooManySubAccounts
        | Refusal::TooManyServiceKeys
        | Refusal::PhoneTaken => StatusCode::CONFLICT,
        Refusal::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::Refused(refusal) => (*refusal).into(),
            _ if error.is_callers_fault() => Self::refused(status_of(error.code()), error.code(), error.to_string()),
            _ if error.is_transient() => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

/// The status of what documents, passkeys, wallets and API keys refuse.
fn status_of(code: &str) -> StatusCode {
    match code {
        "document_unknown" | "oidc_provider_unknown" | "oidc_link_unknown" => StatusCode::NOT_FOUND,
        "document_judged" | "document_own" | "document_kept" | "documents_too_many" | "wallet_taken"
        | "wallets_too_many" | "oidc_email_taken" | "oidc_taken" | "oidc_too_many" | "passkey_taken"
        | "passkeys_too_many" | "api_keys_too_many" => StatusCode::CONFLICT,
        "oidc_token_refused"
        | "wallet_signature_invalid"
        | "wallet_message_unknown"
        | "wallet_message_expired"
        | "passkey_unknown"
        | "passkey_counter"
        | "passkey_refused"
        | "passkey_ceremony_unknown"
        | "passkey_ceremony_expired" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    }
}
