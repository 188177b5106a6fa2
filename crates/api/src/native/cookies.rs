//! The cookies of a browser's session.
//!
//! | cookie | holds | sent to | read by scripts |
//! | --- | --- | --- | --- |
//! | `rialto_access` | the access token | everything | no |
//! | `rialto_refresh` | the refresh token | `/api/v2/auth` | no |
//! | `rialto_csrf` | what the page must repeat in `X-CSRF-Token` | everything | yes |
//!
//! Behind https their names begin with `__Host-` (that of the refresh token, which has a path, with `__Secure-`), so that no sibling
//! domain can plant them, and they are never sent in the clear.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use cookie::{Cookie, SameSite, time::Duration};
use identity::SignedIn;
use runtime::secrets::SealingKey;

/// Where the refresh token is sent to.
const REFRESH_PATH: &str = "/api/v2/auth";
/// Most cookies of a request that are looked at.
const MAX_COOKIES: usize = 64;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
    /// What keeps pages of other sites from using the session.
    Csrf,
    /// Which browser began to sign in at another site.
    Federation,
}

impl Name {
    /// As the browser knows it.
    pub fn text(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Access, true) => "__Host-rialto_access",
            (Self::Access, false) => "rialto_access",
            (Self::Refresh, true) => "__Secure-rialto_refresh",
            (Self::Refresh, false) => "rialto_refresh",
            (Self::Csrf, true) => "__Host-rialto_csrf",
            (Self::Csrf, false) => "rialto_csrf",
            (Self::Federation, true) => "__Secure-rialto_federation",
            (Self::Federation, false) => "rialto_federation",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Access | Self::Csrf => "/",
            Self::Refresh | Self::Federation => REFRESH_PATH,
        }
    }
}

/// The cookies of a request.
#[derive(Clone, Default)]
pub struct Cookies {
    secure: bool,
    sent: Vec<(String, String)>,
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cookies").field("sent", &self.sent.len()).finish_non_exhaustive()
    }
}

impl Cookies {
    /// Those of a request. `secure`: the exchange is behind https.
    pub fn read(headers: &HeaderMap, secure: bool) -> Self {
        let fields = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = fields.flat_map(Cookie::split_parse).filter_map(Result::ok).take(MAX_COOKIES);
        let sent = pairs.map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect();
        Self { secure, sent }
    }

    /// The value of one, if it was sent exactly once: of two with a name, nobody knows which one is ours.
    pub fn get(&self, name: Name) -> Option<&str> {
        let name = name.text(self.secure);
        let mut found = self.sent.iter().filter(|(sent, _)| sent == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// What sets a cookie for so long.
    pub fn set(&self, name: Name, value: &str, seconds: u64) -> (HeaderName, HeaderValue) {
        let cookie = Cookie::build((name.text(self.secure), value))
            .path(name.path())
            .secure(self.secure)
            .http_only(name != Name::Csrf)
            // The way back from another site is a link from there, so that cookie has to come along.
            .same_site(if name == Name::Federation { SameSite::Lax } else { SameSite::Strict })
            .max_age(Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
            .build();
        let value = HeaderValue::from_str(&cookie.to_string());
        (header::SET_COOKIE, value.unwrap_or_else(|_| HeaderValue::from_static("")))
    }

    /// What removes the cookies of a session.
    pub fn clear(&self) -> Vec<(HeaderName, HeaderValue)> {
        [Name::Access, Name::Refresh, Name::Csrf].map(|name| self.set(name, "", 0)).into()
    }

    /// What sets the cookies of a session, and what the page repeats in `X-CSRF-Token`.
    pub fn of_session(
        &self,
        signed_in: &SignedIn,
        sealing: &SealingKey,
        now_us: u64,
    ) -> (Vec<(HeaderName, HeaderValue)>, String) {
        let seconds = |until_us: u64| until_us.saturating_sub(now_us) / 1_000_000;
        let csrf = csrf_token(sealing, &signed_in.session.sid);
        let ends = seconds(signed_in.session.expires_at_us);
        let access = &signed_in.access;
        let cookies = vec![
            self.set(Name::Access, access.token.expose(), seconds(access.expires_at_us)),
            self.set(Name::Refresh, signed_in.refresh.expose(), ends),
            self.set(Name::Csrf, &csrf, ends),
        ];
        (cookies, csrf)
    }
}

/// What the pages of a session repeat in a header: bound to the session, so one that was planted before the sign-in is of no use.
pub fn csrf_token(sealing: &SealingKey, sid: &str) -> String {
    hex(&sealing.mac(b"csrf", sid.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
