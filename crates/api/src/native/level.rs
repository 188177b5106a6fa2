//! The access levels, and how each is checked.

use std::net::IpAddr;

use axum::http::{HeaderMap, Method, StatusCode, header};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::User as Owner;
use model::AccountId;

use super::caller::{Actor, Officer, Person, Service, Verified};
use super::cookies::{Cookies, Name};
use super::{Problem, csrf};
use crate::binance::{Params, signature};
use crate::{App, Permission};

const API_KEY: &str = "x-mbx-apikey";
const SERVICE_KEY: &str = "x-service-key";
const OTP: &str = "x-otp";
/// The longest access token that is looked at.
const MAX_TOKEN_BYTES: usize = 4_096;

/// A request as a level looks at it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The program.
    pub app: &'a App,
    /// The operation: method and path as they are declared.
    pub operation: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The cookies.
    pub cookies: &'a Cookies,
    /// The query as it was sent.
    pub query: &'a str,
    /// The body as it was sent.
    pub body: &'a [u8],
    /// Where it comes from, if that is known.
    pub address: Option<IpAddr>,
    /// When it came, in microseconds since 1970.
    pub now_us: u64,
}

/// A level, for the list of operations, the reference and the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Anybody.
    Public,
    /// A session, or an API key with this permission.
    User(Permission),
    /// A session: what no program may do with a key.
    Session,
    /// A session and a code of the authenticator.
    Otp,
    /// A session of a role that may do the operation.
    Admin,
    /// A service key with this scope.
    Secret(&'static str),
}

/// An access level. It makes the [`Access::Who`] that handlers take, and nothing else does: a handler that must know the user cannot
/// be declared for a level that does not check who it is.
pub trait Access: Copy + Send + Sync + 'static {
    /// What the level finds out of the caller.
    type Who: Send + 'static;

    /// The level, for the list.
    fn level(self) -> Level;

    /// Finds out who asks, and whether he may.
    ///
    /// # Errors
    /// A problem with status 401 or 403.
    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Self::Who, Problem>>;

    /// The caller's name, by which idempotency keys are told apart.
    fn name(who: &Self::Who) -> String;
}

/// Anybody may.
#[derive(Debug, Clone, Copy)]
pub struct Public;
/// A session, or an API key with this permission.
#[derive(Debug, Clone, Copy)]
pub struct User(pub Permission);
/// A session alone.
#[derive(Debug, Clone, Copy)]
pub struct Session;
/// A session and, in `X-OTP`, a code of the authenticator.
#[derive(Debug, Clone, Copy)]
pub struct Otp;
/// A session of somebody whose role may do the operation.
#[derive(Debug, Clone, Copy)]
pub struct Admin;
/// A service key, in `X-Service-Key`, with this scope.
#[derive(Debug, Clone, Copy)]
pub struct Secret(pub &'static str);

impl Access for Public {
    type Who = ();

    fn level(self) -> Level {
        Level::Public
    }

    fn check<'a>(self, _: &'a Asked<'a>) -> BoxFuture<'a, Result<(), Problem>> {
        async { Ok(()) }.boxed()
    }

    fn name((): &()) -> String {
        "public".to_owned()
    }
}

impl Access for Session {
    type Who = Person;

    fn level(self) -> Level {
        Level::Session
    }

    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Person, Problem>> {
        person(asked).boxed()
    }

    fn name(who: &Person) -> String {
        who.user.uid.to_string()
    }
}

impl Access for User {
    type Who = Actor;

    fn level(self) -> Level {
        Level::User(self.0)
    }

    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Actor, Problem>> {
        async move {
            if asked.headers.contains_key(API_KEY) {
                return by_key(asked, self.0).await;
            }
            let Person { user, sid, .. } = person(asked).await?;
            Ok(Actor { account: AccountId(user.account), user: Some(user), sid: Some(sid) })
        }
        .boxed()
    }

    fn name(who: &Actor) -> String {
        who.user.as_ref().map_or_else(|| format!("account-{}", who.account), |user| user.uid.to_string())
    }
}

impl Access for Otp {
    type Who = Verified;

    fn level(self) -> Level {
        Level::Otp
    }

    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Verified, Problem>> {
        async move {
            let person = person(asked).await?;
            let code = asked.headers.get(OTP).and_then(|value| value.to_str().ok());
            let totp = &asked.app.native.people.totp;
            let Some(code) = code else {
                // Whoever has no authenticator is told so, and not asked for a code that he cannot have.
                return Err(match totp.is_on(person.user.id).await? {
                    true => Problem::refused(
                        StatusCode::FORBIDDEN,
                        "code_needed",
                        "send a code of the authenticator in the header X-OTP",
                    ),
                    false => identity::Refusal::TotpOff.into(),
                });
            };
            totp.verify(&person.user, code, asked.now_us).await?;
            Ok(Verified(person))
        }
        .boxed()
    }

    fn name(who: &Verified) -> String {
        who.0.user.uid.to_string()
    }
}

impl Access for Admin {
    type Who = Officer;

    fn level(self) -> Level {
        Level::Admin
    }

    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Officer, Problem>> {
        async move {
            let person = person(asked).await?;
            if !asked.app.native.people.roles.allows(&person.user.role, asked.operation) {
                return Err(identity::Refusal::Forbidden.into());
            }
            Ok(Officer(person))
        }
        .boxed()
    }

    fn name(who: &Officer) -> String {
        who.0.user.uid.to_string()
    }
}

impl Access for Secret {
    type Who = Service;

    fn level(self) -> Level {
        Level::Secret(self.0)
    }

    fn check<'a>(self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Service, Problem>> {
        async move {
            let sent = asked.headers.get(SERVICE_KEY).and_then(|value| value.to_str().ok());
            let sent = sent
                .ok_or_else(|| unauthorized("service_key_needed", "send a service key in the header X-Service-Key"))?;
            let people = &asked.app.native.people;
            let key = people.services.authenticate(sent, self.0, asked.address, asked.now_us).await?;
            Ok(Service { key: key.public })
        }
        .boxed()
    }

    fn name(who: &Service) -> String {
        format!("service-{}", who.key)
    }
}

/// The user in person: by a bearer token, or by the cookie of a browser.
pub(super) async fn person(asked: &Asked<'_>) -> Result<Person, Problem> {
    let native = &asked.app.native;
    let bearer = bearer(asked.headers)?;
    let by_cookie = bearer.is_none();
    let token = bearer.or_else(|| asked.cookies.get(Name::Access));
    let token =
        token.ok_or_else(|| unauthorized("credential_needed", "sign in: this needs an access token as a bearer"))?;
    if token.len() > MAX_TOKEN_BYTES {
        return Err(identity::Refusal::AccessToken.into());
    }
    let caller = native.people.sign_in.authenticate(token, asked.now_us).await?;
    if by_cookie {
        csrf::check(asked.method, asked.headers, &native.site.url, &native.sealing, &caller.sid)?;
    }
    Ok(Person { user: caller.user, sid: caller.sid, amr: caller.amr })
}

/// A program, by a key and a signature as on the Binance API: over the query without the signature, followed by the body.
async fn by_key(asked: &Asked<'_>, needed: Permission) -> Result<Actor, Problem> {
    let body = std::str::from_utf8(asked.body).map_err(|_| crate::Error::BodyNotText)?;
    let params = Params::parse(asked.query, "")?;
    let key = asked.headers.get(API_KEY).map(|value| value.as_bytes());
    let request = signature::Request { key, address: asked.address, query: asked.query, body };
    let account = request.authenticate(asked.app, needed, &params).await?.account;
    Ok(Actor { account, user: owner(asked.app, account).await?, sid: None })
}

async fn owner(app: &App, account: AccountId) -> Result<Option<Owner>, Problem> {
    Ok(app.native.people.users.by_account(account.0).await?)
}

/// The bearer token of a request, if there is one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    let Some(field) = fields.next() else { return Ok(None) };
    let text = field.to_str().unwrap_or_default();
    let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match (token, fields.next()) {
        (Some((_, token)), None) => Ok(Some(token.trim())),
        // Of two, nobody knows which one another program on the way looked at.
        _ => Err(unauthorized("authorization_invalid", "the header Authorization must be one, and a Bearer")),
    }
}

fn unauthorized(code: &'static str, detail: &'static str) -> Problem {
    Problem::refused(StatusCode::UNAUTHORIZED, code, detail)
}
