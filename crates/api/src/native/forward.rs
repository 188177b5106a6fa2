//! Forward authentication: a reverse proxy asks here who makes a request that it is about to hand on to another program.
//!
//! The proxy sends the head of the request, with its method and target in `X-Original-Method` and `X-Original-URI` (nginx) or
//! `X-Forwarded-Method` and `X-Forwarded-Uri` (Traefik). A session or an API key comes in; out come headers that say who it is, and
//! `X-Rialto-Identity`: the same, signed, so that the program behind need not trust its network. `deploy/` has the configurations.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::input::Nothing;
use super::level::{Access, Asked, Level, User};
use super::output::{Done, WithHeaders};
use super::{Actor, Call, Problem};
use crate::Permission;

/// Who makes the request behind the proxy.
#[derive(Debug, Clone)]
pub(super) struct Forwarded(Actor);

/// The level [`Level::User`], for the request that a proxy describes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forward;

impl Access for Forward {
    type Who = Forwarded;

    fn level(self) -> Level {
        Level::User(Permission::Read)
    }

    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Forwarded, Problem>> {
        async move {
            let method = described(asked.headers, ["x-original-method", "x-forwarded-method"])?;
            let method = method.map(|method| Method::from_bytes(method.as_bytes()));
            let method = method.transpose().map_err(|_| wrong())?.unwrap_or_else(|| asked.method.clone());
            let target = described(asked.headers, ["x-original-uri", "x-forwarded-uri"])?;
            let query = match target {
                Some(target) => target.split_once('?').map_or("", |(_, query)| query),
                None => asked.query,
            };
            // The body stays at the proxy, and a key's signature would cover it.
            let asked = Asked { method: &method, query, body: &[], ..*asked };
            let reads = matches!(method, Method::GET | Method::HEAD);
            let needed = if reads { Permission::Read } else { Permission::Trade };
            User(needed).check(&asked).await.map(Forwarded)
        }
        .boxed()
    }

    fn name(who: &Forwarded) -> String {
        User::name(&who.0)
    }
}

/// What the proxy says of the request. Of two values nobody knows which one the proxy has set.
fn described<'a>(headers: &'a HeaderMap, names: [&'static str; 2]) -> Result<Option<&'a str>, Problem> {
    let mut values = names.iter().flat_map(|name| headers.get_all(*name));
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map(Some).map_err(|_| wrong()),
        (None, _) => Ok(None),
        _ => Err(wrong()),
    }
}

fn wrong() -> Problem {
    Problem::bad_request("forwarded_invalid", "the proxy must describe the request once, and only in one way")
}

/// Says who makes the request that the proxy describes.
pub(super) async fn authenticate(call: Call<Forwarded, Nothing>) -> Result<WithHeaders<Done>, Problem> {
    let Forwarded(actor) = &call.who;
    // A proxy makes 401 and 403 of its own answer, and a failure of everything else.
    let Some(user) = &actor.user else {
        let detail = "nobody signed up for the account of this key, so there is nobody to tell of";
        return Err(Problem::refused(StatusCode::FORBIDDEN, "key_without_user", detail));
    };
    let signed = call.people().tokens.identity(user, call.now_us)?;
    let means = if actor.sid.is_some() { "session" } else { "key" };
    let headers = [
        ("x-rialto-user", user.uid.to_string()),
        ("x-rialto-account", actor.account.to_string()),
        ("x-rialto-role", user.role.as_str().to_owned()),
        ("x-rialto-level", user.level.to_string()),
        ("x-rialto-means", means.to_owned()),
        ("x-rialto-identity", signed.expose().clone()),
    ];
    let headers = headers.into_iter().map(|(name, value)| {
        HeaderValue::from_str(&value).map(|value| (HeaderName::from_static(name), value)).map_err(Problem::internal)
    });
    Ok(WithHeaders(Done, headers.collect::<Result<_, _>>()?))
}
