//! Pages of other sites: only those of the listed origins may read answers, and never with cookies.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Headers of requests that a page of a listed origin may send.
const ALLOWED: [&str; 7] =
    ["authorization", "content-type", "idempotency-key", "x-otp", "x-mbx-apikey", "x-csrf-token", "x-service-key"];
/// Headers of answers that it may read.
const EXPOSED: [&str; 3] = ["retry-after", "idempotent-replayed", "x-mbx-used-weight-1m"];

/// The layer for these origins; none: pages of other sites get no leave at all.
pub(crate) fn layer(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(ALLOWED.map(HeaderName::from_static))
        .expose_headers(EXPOSED.map(HeaderName::from_static))
        .max_age(Duration::from_secs(600))
        .vary([header::ORIGIN])
}
