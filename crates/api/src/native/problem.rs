//! Refusals of the native API, as problem details (RFC 9457).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::Error;

/// What a problem's `type` begins with; the code follows.
const TYPE: &str = "urn:rialto:problem:";
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Why a request was refused or failed, as the client is told.
// Boxed: it is the rare side of many results.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    retry_after_s: Option<u64>,
    members: Map<String, Value>,
    /// What the operator's log says of it; the client is not told.
    cause: Option<String>,
    /// Whether it is certain that nothing happened, so that the request may be sent again.
    nothing_happened: bool,
}

impl Problem {
    /// A refusal: nothing happened. `code` never changes its meaning; `detail` says what was wrong and what to do.
    pub fn refused(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            detail: detail.into(),
            retry_after_s: None,
            members: Map::new(),
            cause: None,
            nothing_happened: true,
        }))
    }

    /// Status 400.
    pub fn bad_request(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Status 404.
    pub fn not_found() -> Self {
        Self::refused(StatusCode::NOT_FOUND, "not_found", "there is no such thing, or it is not yours")
    }

    /// A fault of ours. The cause is for the log alone; whether something happened is not known.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let detail = "something failed that is not your fault; it was logged";
        Self::refused(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).because(cause).in_doubt()
    }

    /// A fault that may pass: the request may be sent again.
    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        let detail = "a part of the exchange does not answer now: try again in a moment";
        Self::refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).because(cause).retry_after(1)
    }

    /// The same, with the seconds after which it may be tried again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    fn in_doubt(mut self) -> Self {
        self.0.nothing_happened = false;
        self
    }

    /// The same with a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Whether it is certain that nothing happened.
    pub(super) fn nothing_happened(&self) -> bool {
        self.0.nothing_happened
    }

    /// Logs the cause, if there is one.
    pub(super) fn log(&self) {
        if let Some(cause) = &self.0.cause {
            tracing::error!(%cause, code = %self.0.code, "a request failed");
        }
    }

    /// The answer. Logs the cause, if there is one.
    pub(crate) fn respond(self) -> Response<Body> {
        self.log();
        let problem = self.0;
        let mut body = json!({
            "type": format!("{TYPE}{}", problem.code),
            "title": problem.status.canonical_reason().unwrap_or_default(),
            "status": problem.status.as_u16(),
            "code": problem.code,
            "detail": problem.detail,
        });
        for (name, value) in problem.members {
            body[name] = value;
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = problem.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        if let Some(seconds) = problem.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if problem.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (code, detail): (&'static str, Cow<'static, str>) = match &error {
            Error::UnknownPath => ("unknown_path", "no operation has this path: see /openapi.json".into()),
            Error::UnknownMethod => ("unknown_method", "this path does not take this method: see /openapi.json".into()),
            Error::BodyTooLarge(limit) => {
                ("body_too_large", format!("the body must not be larger than {limit} bytes").into())
            }
            Error::BodyIncomplete => {
                ("body_incomplete", "the body did not arrive in time: send the request again".into())
            }
            Error::Timeout | Error::Stopped => {
                let detail =
                    "no answer came in time, and whether the request was done is not known: look before you repeat it";
                return Self::refused(error.status(), "outcome_unknown", detail).in_doubt();
            }
            Error::Busy | Error::Behind => return Self::unavailable(&error),
            Error::TooMuch(much) => {
                let detail = "too many requests from this address: wait as long as Retry-After says";
                return Self::refused(error.status(), "too_many_requests", detail).retry_after(much.retry_after_s());
            }
            Error::Internal(cause) => return Self::internal(cause),
            // What else there is belongs to an API key and its signature.
            _ if error.status() == StatusCode::UNAUTHORIZED => ("api_key_refused", error.to_string().into()),
            _ => return Self::refused(StatusCode::UNAUTHORIZED, "signature_refused", error.to_string()),
        };
        Self::refused(error.status(), code, detail)
    }
}

impl From<idempotency::Error> for Problem {
    fn from(error: idempotency::Error) -> Self {
        if error.is_transient() { Self::unavailable(error) } else { Self::internal(error) }
    }
}
