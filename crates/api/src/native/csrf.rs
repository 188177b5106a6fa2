//! Keeping the pages of other sites from using a browser's session.
//!
//! A request that changes something and whose caller is known by a cookie must bear `X-CSRF-Token`, and must not say that it comes
//! from elsewhere. A request with a bearer token needs neither: no other site can make a browser send one.

use axum::http::{HeaderMap, Method, StatusCode, header};
use runtime::secrets::{SealingKey, constant_time_eq};

use super::Problem;
use super::cookies::csrf_token;

const TOKEN: &str = "x-csrf-token";
const FETCH_SITE: &str = "sec-fetch-site";

/// Checks a request whose session came by a cookie.
///
/// # Errors
/// `csrf_origin` when it comes from elsewhere, `csrf_token` without the token of the session.
pub(super) fn check(
    method: &Method,
    headers: &HeaderMap,
    site: &str,
    sealing: &SealingKey,
    sid: &str,
) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    check_origin(headers, site)?;
    let sent = headers.get(TOKEN).map(|value| value.as_bytes()).unwrap_or_default();
    if !constant_time_eq(sent, csrf_token(sealing, sid).as_bytes()) {
        let detail = "repeat the value of the cookie rialto_csrf in the header X-CSRF-Token, or use the access token as a bearer";
        return Err(Problem::refused(StatusCode::FORBIDDEN, "csrf_token", detail));
    }
    Ok(())
}

/// Checks that a request does not say that it comes from a page of another site. Those that say nothing are no browser's.
///
/// # Errors
/// `csrf_origin`.
pub(super) fn check_origin(headers: &HeaderMap, site: &str) -> Result<(), Problem> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let own = match text(header::ORIGIN) {
        Some(origin) => origin.eq_ignore_ascii_case(site) || is_own_host(origin, text(header::HOST)),
        None => headers.get(FETCH_SITE).is_none_or(|value| value == "same-origin" || value == "none"),
    };
    if own {
        return Ok(());
    }
    Err(Problem::refused(
        StatusCode::FORBIDDEN,
        "csrf_origin",
        "a page of another site may not do this with your session",
    ))
}

/// Whether a page was served by the very host that it talks to: on a laptop that is not always the one in the settings.
fn is_own_host(origin: &str, host: Option<&str>) -> bool {
    let of_origin = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    matches!((of_origin, host), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
    use runtime::secrets::SealingKey;

    use super::{check, csrf_token};

    fn tried(method: &Method, headers: &[(&'static str, &str)]) -> Result<(), String> {
        let sealing = SealingKey::from_bytes(&[7; 32]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        check(method, &map, "https://exchange.example", &sealing, "session")
            .map_err(|problem| problem.code().to_owned())
    }

    #[test]
    fn only_own_pages_change_something() {
        let token = csrf_token(&SealingKey::from_bytes(&[7; 32]), "session");
        let other = csrf_token(&SealingKey::from_bytes(&[7; 32]), "another");
        let good = ("x-csrf-token", token.as_str());
        let (post, own) = (&Method::POST, ("origin", "https://exchange.example"));
        assert_eq!(tried(&Method::GET, &[("origin", "https://evil.example")]), Ok(()));
        assert_eq!(tried(post, &[good]), Ok(()));
        assert_eq!(tried(post, &[good, own]), Ok(()));
        assert_eq!(tried(post, &[good, ("origin", "http://127.0.0.1:9"), ("host", "127.0.0.1:9")]), Ok(()));
        assert_eq!(tried(post, &[good, ("sec-fetch-site", "same-origin")]), Ok(()));
        for headers in [
            &[good, ("origin", "https://evil.example")][..],
            &[good, ("origin", "null")],
            &[good, ("origin", "https://exchange.example.evil.example"), ("host", "exchange.example")],
            &[good, ("sec-fetch-site", "cross-site")],
            &[good, ("sec-fetch-site", "same-site")],
        ] {
            assert_eq!(tried(post, headers), Err("csrf_origin".to_owned()), "{headers:?}");
        }
        assert_eq!(tried(post, &[]), Err("csrf_token".to_owned()));
        assert_eq!(tried(post, &[own, ("x-csrf-token", &other)]), Err("csrf_token".to_owned()));
    }
}
