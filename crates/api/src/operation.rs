//! An operation: method, path, access level, parameters and handler, and the way from an HTTP request to its answer.

use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::body::Body as _;

use crate::binance::{Params, TimeUnit, signature};
use crate::call::ReplyKind;
use crate::openapi::Docs;
use crate::server::Peer;
use crate::usage::Tally;
use crate::{App, Call, Caller, Cost, Error, KeyHolder, Reply};

/// Access level: anybody, nothing is checked.
#[derive(Debug, Clone, Copy)]
pub struct Public;

/// Access level: a user's API key with this permission, and a signature.
#[derive(Debug, Clone, Copy)]
pub struct User(pub Permission);

/// Access level: a user's API key with this permission, without a signature. As Binance has it for listen keys.
#[derive(Debug, Clone, Copy)]
pub struct KeyAlone(pub Permission);

/// What an API key must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Looking at the account.
    Read,
    /// Placing and cancelling orders.
    Trade,
}

/// Most bytes of a body that are read only to be thrown away.
const MAX_DISCARDED: usize = 16 << 20;

type Answer = BoxFuture<'static, Result<Reply, Error>>;

/// A handler together with the access level that it was declared for.
pub enum Handler {
    /// Anybody may.
    Public(Box<dyn Fn(Call) -> Answer + Send + Sync>),
    /// Whoever has an API key with this permission may.
    KeyAlone(Permission, Box<dyn Fn(Call<KeyHolder>) -> Answer + Send + Sync>),
    /// A user with this permission may.
    User(Permission, Box<dyn Fn(Call<Caller>) -> Answer + Send + Sync>),
}

/// An access level, which takes only handlers that know as much of the caller as it checks: a handler of a user's operation
/// cannot be declared public, nor can an operation be made without a level.
pub trait Access<H> {
    /// Binds the handler to this level.
    fn bind(self, handler: H) -> Handler;
}

impl<H, F> Access<H> for Public
where
    H: Fn(Call) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    fn bind(self, handler: H) -> Handler {
        Handler::Public(Box::new(move |call| handler(call).boxed()))
    }
}

impl<H, F> Access<H> for KeyAlone
where
    H: Fn(Call<KeyHolder>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    fn bind(self, handler: H) -> Handler {
        Handler::KeyAlone(self.0, Box::new(move |call| handler(call).boxed()))
    }
}

impl<H, F> Access<H> for User
where
    H: Fn(Call<Caller>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    fn bind(self, handler: H) -> Handler {
        Handler::User(self.0, Box::new(move |call| handler(call).boxed()))
    }
}

/// One operation.
pub struct Operation {
    /// HTTP method.
    pub method: Method,
    /// Path; `{name}` in it stands for a parameter of that name.
    pub path: &'static str,
    /// Every parameter that it knows, without those of the signature.
    pub parameters: &'static [&'static str],
    /// What a request to it costs.
    pub cost: Cost,
    /// What the API reference says of it.
    pub docs: Docs,
    /// The part of the API reference that it stands in.
    pub tag: &'static str,
    handler: Handler,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.permission())
    }
}

impl Operation {
    /// Declares an operation.
    pub fn new<H>(
        method: Method,
        path: &'static str,
        access: impl Access<H>,
        parameters: &'static [&'static str],
        cost: Cost,
        handler: H,
    ) -> Self {
        let docs = Docs::json::<serde_json::Value>("", &[]);
        Self { method, path, parameters, cost, docs, tag: "", handler: access.bind(handler) }
    }

    /// The same with what the API reference says of it, and in which part.
    #[must_use]
    pub fn described(self, docs: Docs, tag: &'static str) -> Self {
        Self { docs, tag, ..self }
    }

    /// The permission that it needs; `None` when it is public.
    pub const fn permission(&self) -> Option<Permission> {
        match &self.handler {
            Handler::Public(_) => None,
            Handler::KeyAlone(permission, _) | Handler::User(permission, _) => Some(*permission),
        }
    }

    /// Whether its requests must be signed.
    pub const fn is_signed(&self) -> bool {
        matches!(self.handler, Handler::User(..))
    }
}

/// An operation as the router holds it: with its counters.
pub(crate) struct Mounted {
    operation: Operation,
    app: App,
    succeeded: metrics::Counter,
    refused: metrics::Counter,
    failed: metrics::Counter,
    seconds: metrics::Histogram,
}

impl Mounted {
    pub(crate) fn new(app: App, operation: Operation) -> Arc<Self> {
        let name = format!("{} {}", operation.method, operation.path);
        let counter = |result: &'static str| metrics::counter!("rialto_http_requests_total", "operation" => name.clone(), "result" => result);
        Arc::new(Self {
            succeeded: counter("ok"),
            refused: counter("refused"),
            failed: counter("failed"),
            seconds: metrics::histogram!("rialto_http_request_seconds", "operation" => name.clone()),
            operation,
            app,
        })
    }

    /// The whole way from a request to its answer. A panic becomes status 500.
    pub(crate) async fn serve(self: Arc<Self>, request: Request<Body>) -> Response<Body> {
        let begun = self.app.clock.monotonic_us();
        let limit = self.app.http.request_timeout();
        let is_read = AtomicBool::new(false);
        let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let tally = Tally::new(self.app.clone(), address, self.operation.cost);
        let work = AssertUnwindSafe(self.answer(request, address, &tally, &is_read)).catch_unwind();
        let result = match tokio::time::timeout(limit, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Internal(format!("{:?} panicked", self.operation))),
            Err(_) if is_read.load(Ordering::Relaxed) => Err(Error::Timeout),
            Err(_) => Err(Error::BodyIncomplete),
        };
        let elapsed = std::time::Duration::from_micros(self.app.clock.monotonic_us().saturating_sub(begun));
        self.seconds.record(elapsed);
        let mut response = match result {
            Ok(reply) => {
                self.succeeded.increment(1);
                respond(reply, self.operation.permission().is_some())
            }
            Err(error) => {
                let counter = if error.status().is_server_error() { &self.failed } else { &self.refused };
                counter.increment(1);
                tally.failed(&error).await;
                refuse(&error)
            }
        };
        tally.write_headers(response.headers_mut());
        response
    }

    async fn answer(
        &self,
        request: Request<Body>,
        address: Option<IpAddr>,
        tally: &Tally,
        is_read: &AtomicBool,
    ) -> Result<Reply, Error> {
        let (mut head, body) = request.into_parts();
        let continues = head.headers.contains_key(header::EXPECT);
        let body = read_body(body, self.app.http.max_body_bytes, continues).await?;
        is_read.store(true, Ordering::Relaxed);
        let of_path = match self.operation.path.contains('{') {
            true => Some(RawPathParams::from_request_parts(&mut head, &()).await.map_err(|_| Error::UnknownPath)?),
            false => None,
        };
        let query = head.uri.query().unwrap_or_default();
        let read = std::str::from_utf8(&body).map_err(|_| Error::BodyNotText);
        let read = read.and_then(|body| Ok((body, Params::parse(query, body)?, time_unit(&head.headers)?)));
        // What cannot be read weighs, too.
        tally.admit(read.as_ref().ok().map(|(_, params, _)| params)).await?;
        let (body, mut params, units) = read?;
        for (name, value) in of_path.iter().flatten() {
            params.push(name, value)?;
        }
        let call = Call { app: self.app.clone(), params, units, caller: () };
        let request = signature::Request {
            key: head.headers.get("x-mbx-apikey").map(HeaderValue::as_bytes),
            address,
            query,
            body,
        };
        match &self.operation.handler {
            Handler::Public(handler) => {
                call.params.check_known(self.operation.parameters)?;
                handler(call).await
            }
            Handler::KeyAlone(permission, handler) => {
                let holder = request.identify(&call.app, *permission).await?;
                call.params.check_known(self.operation.parameters)?;
                handler(call.by(holder)).await
            }
            Handler::User(permission, handler) => {
                let caller = request.authenticate(&call.app, *permission, &call.params).await?;
                call.params.check_known(self.operation.parameters)?;
                tally.take_orders(caller.account).await?;
                handler(call.by(caller)).await
            }
        }
    }
}

fn time_unit(headers: &HeaderMap) -> Result<TimeUnit, Error> {
    match headers.get("x-mbx-time-unit") {
        None => Ok(TimeUnit::Millisecond),
        Some(value) => value.to_str().ok().and_then(TimeUnit::from_name).ok_or(Error::InvalidTimeUnit),
    }
}

/// The whole body. One that is too long is read to its end, and thrown away, because a client that is still sending would not see
/// the answer; unless the client waits for leave to send it, or it is far too long.
pub(crate) async fn read_body(mut body: Body, limit: usize, continues: bool) -> Result<Bytes, Error> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > MAX_DISCARDED || (announced > limit && continues) {
        return Err(Error::BodyTooLarge(limit));
    }
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::BodyIncomplete)?.into_data() else { continue };
        length += data.len();
        if length > MAX_DISCARDED {
            break;
        }
        if length <= limit {
            if length == announced && whole.is_empty() {
                return Ok(data);
            }
            whole.extend_from_slice(&data);
        }
    }
    if length > limit { Err(Error::BodyTooLarge(limit)) } else { Ok(whole.freeze()) }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const PAGE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// A page that brings all that it needs and talks to nobody but this server.
const SELF_CONTAINED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; img-src 'self' data:; \
     font-src data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

fn respond(reply: Reply, private: bool) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    if reply.kind == ReplyKind::NotReady {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    let headers = response.headers_mut();
    let media_type = match reply.kind {
        ReplyKind::Json | ReplyKind::NotReady => JSON,
        ReplyKind::Metrics => METRICS,
        ReplyKind::Page => PAGE,
    };
    headers.insert(header::CONTENT_TYPE, media_type);
    if reply.kind == ReplyKind::Page {
        headers.insert(header::CONTENT_SECURITY_POLICY, SELF_CONTAINED);
    }
    if private {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
    if let Some(lag) = reply.lag {
        headers.insert("x-rialto-lag", HeaderValue::from(lag));
    }
    response
}

/// The answer to a request that no operation takes. It weighs as little as any.
pub(crate) async fn untaken(app: App, request: Request<Body>, error: Error) -> Response<Body> {
    let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let tally = Tally::new(app, address, Cost::weight(1));
    let mut response = match tally.admit(None).await {
        Ok(()) => refuse(&error),
        Err(much) => refuse(&much),
    };
    tally.write_headers(response.headers_mut());
    response
}

/// The answer to a request that was refused or failed.
pub(crate) fn refuse(error: &Error) -> Response<Body> {
    error.log();
    let mut response = Response::new(Body::from(error.to_json()));
    *response.status_mut() = error.status();
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    if let Error::TooMuch(much) = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(much.retry_after_s()));
    }
    response
}
