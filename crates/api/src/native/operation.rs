//! An operation of the native API, and the way from an HTTP request to its answer.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use idempotency::{Answer, Begun, Claim, Fingerprint, Key, Scope};
use identity::Device;
use schemars::SchemaGenerator;

use super::cookies::Cookies;
use super::input::{self, Input, Sent};
use super::level::{Access, Asked, Level};
use super::output::{self, Output};
use super::{Call, Problem};
use crate::operation::read_body;
use crate::server::Peer;
use crate::usage::Tally;
use crate::{App, Cost, Error};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: &str = "idempotent-replayed";
/// What most requests weigh for their address.
const WEIGHT: u32 = 1;
/// The longest body that an operation takes unless it says otherwise.
const MAX_BODY: usize = 64 << 10;

/// A request with its whole body.
struct Whole {
    app: App,
    head: Parts,
    body: Bytes,
    path: Vec<(String, String)>,
    address: Option<IpAddr>,
    now_us: u64,
}

type Handler =
    Box<dyn Fn(Whole, &'static str, bool) -> BoxFuture<'static, Result<Response<Body>, Problem>> + Send + Sync>;

/// One operation.
pub struct Operation {
    /// HTTP method.
    pub method: Method,
    /// Path; `{name}` in it stands for a value.
    pub path: &'static str,
    /// Method and path: its name, by which roles are given permissions.
    pub name: &'static str,
    /// Who may.
    pub level: Level,
    /// One sentence for the reference.
    pub summary: &'static str,
    /// The part of the reference that it stands in.
    pub tag: &'static str,
    /// Whether it creates something, and so honours `Idempotency-Key`.
    pub creates: bool,
    /// The longest body that it takes.
    pub max_body: usize,
    /// What it is given.
    pub input: fn(&mut SchemaGenerator) -> input::Described,
    /// What it gives back.
    pub output: fn(&mut SchemaGenerator) -> output::Described,
    weight: u32,
    handler: Handler,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.name, self.level)
    }
}

impl Operation {
    /// Declares an operation. `name` is its method and path, as in `POST /api/v2/auth/sign-in`.
    pub fn new<A, I, O, H, F>(name: &'static str, access: A, summary: &'static str, handler: H) -> Self
    where
        A: Access,
        I: Input,
        O: Output,
        H: Fn(Call<A::Who, I>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<O, Problem>> + Send + 'static,
    {
        let (method, path) = name.split_once(' ').expect("operations are declared as method and path");
        let method = Method::from_bytes(method.as_bytes()).expect("operations use standard methods only");
        let handler: Handler = Box::new(move |whole, name, creates| {
            let handler = handler.clone();
            async move { run::<A, I, O, H, F>(access, whole, name, creates, handler).await }.boxed()
        });
        Self {
            method,
            path,
            name,
            level: access.level(),
            summary,
            tag: "",
            creates: false,
            max_body: MAX_BODY,
            input: I::describe,
            output: O::describe,
            weight: WEIGHT,
            handler,
        }
    }

    /// The same, in this part of the reference.
    #[must_use]
    pub fn tagged(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }

    /// The same, as one that creates something: `Idempotency-Key` is honoured.
    #[must_use]
    pub fn creating(self) -> Self {
        Self { creates: true, ..self }
    }

    /// The same, with another weight for its address: what guesses, costs.
    #[must_use]
    pub fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// The same, with a longer body.
    #[must_use]
    pub fn up_to(self, max_body: usize) -> Self {
        Self { max_body, ..self }
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
        let name = operation.name;
        let counter = |result: &'static str| metrics::counter!("rialto_http_requests_total", "operation" => name, "result" => result);
        Arc::new(Self {
            succeeded: counter("ok"),
            refused: counter("refused"),
            failed: counter("failed"),
            seconds: metrics::histogram!("rialto_http_request_seconds", "operation" => name),
            operation,
            app,
        })
    }

    /// The whole way from a request to its answer. A panic becomes status 500.
    pub(crate) async fn serve(self: Arc<Self>, request: Request<Body>) -> Response<Body> {
        let begun = self.app.clock.monotonic_us();
        let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let tally = Tally::new(self.app.clone(), address, Cost::weight(self.operation.weight));
        let is_read = AtomicBool::new(false);
        let work = AssertUnwindSafe(self.answer(request, address, &tally, &is_read)).catch_unwind();
        let result = match tokio::time::timeout(self.app.http.request_timeout(), work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Problem::internal(format!("{:?} panicked", self.operation))),
            Err(_) if is_read.load(Ordering::Relaxed) => Err(Error::Timeout.into()),
            Err(_) => Err(Error::BodyIncomplete.into()),
        };
        let elapsed = std::time::Duration::from_micros(self.app.clock.monotonic_us().saturating_sub(begun));
        self.seconds.record(elapsed);
        let mut response = match result {
            Ok(response) => {
                self.succeeded.increment(1);
                response
            }
            Err(problem) => {
                let counter = if problem.status().is_server_error() { &self.failed } else { &self.refused };
                counter.increment(1);
                problem.respond()
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
    ) -> Result<Response<Body>, Problem> {
        let (mut head, body) = request.into_parts();
        let continues = head.headers.contains_key(header::EXPECT);
        let body = read_body(body, self.operation.max_body, continues).await?;
        is_read.store(true, Ordering::Relaxed);
        tally.admit(None).await?;
        let path = match self.operation.path.contains('{') {
            true => RawPathParams::from_request_parts(&mut head, &()).await.map_err(|_| Error::UnknownPath)?,
            false => return self.run(head, body, Vec::new(), address).await,
        };
        let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.run(head, body, path, address).await
    }

    async fn run(
        &self,
        head: Parts,
        body: Bytes,
        path: Vec<(String, String)>,
        address: Option<IpAddr>,
    ) -> Result<Response<Body>, Problem> {
        let app = self.app.clone();
        let now_us = app.clock.now_us();
        let whole = Whole { app, head, body, path, address, now_us };
        (self.operation.handler)(whole, self.operation.name, self.operation.creates).await
    }
}

/// Level, idempotency, input, handler, output; in this order.
async fn run<A, I, O, H, F>(
    access: A,
    whole: Whole,
    name: &'static str,
    creates: bool,
    handler: H,
) -> Result<Response<Body>, Problem>
where
    A: Access,
    I: Input,
    O: Output,
    H: Fn(Call<A::Who, I>) -> F,
    F: Future<Output = Result<O, Problem>>,
{
    let Whole { app, head, body, path, address, now_us } = whole;
    let cookies = Cookies::read(&head.headers, app.native.site.is_secure());
    let asked = Asked {
        app: &app,
        operation: name,
        method: &head.method,
        headers: &head.headers,
        cookies: &cookies,
        query: head.uri.query().unwrap_or_default(),
        body: &body,
        address,
        now_us,
    };
    let who = access.check(&asked).await?;
    let claim = match creates {
        true => match claim(&app, Scope::new(&A::name(&who), name), &head, &body, now_us).await? {
            Claimed::No => None,
            Claimed::Yes(claim) => Some(claim),
            Claimed::Answered(answer) => return Ok(replay(answer)),
        },
        false => None,
    };
    let device = device(&app, &head.headers, address);
    let work = async {
        let input = I::read(&Sent { uri: &head.uri, headers: &head.headers, body: &body })?;
        handler(Call { app: app.clone(), who, input, device, path, cookies, now_us }).await?.respond()
    };
    let result = work.await;
    match claim {
        None => result,
        Some(claim) => settle(&app, claim, result).await,
    }
}

/// What an `Idempotency-Key` led to.
enum Claimed {
    /// There is none.
    No,
    /// This is the first request with it.
    Yes(Claim),
    /// It was answered before.
    Answered(Answer),
}

async fn claim(app: &App, scope: Scope, head: &Parts, body: &[u8], now_us: u64) -> Result<Claimed, Problem> {
    let mut fields = head.headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(field) = fields.next() else { return Ok(Claimed::No) };
    let key = Key::parse(field.as_bytes()).filter(|_| fields.next().is_none()).ok_or_else(|| {
        let detail = "the header Idempotency-Key has 1 to 64 visible ASCII characters; a UUID is a good one";
        Problem::bad_request("idempotency_key_invalid", detail)
    })?;
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let conflict = |code, detail| Err(Problem::refused(StatusCode::CONFLICT, code, detail));
    match app.native.answers.begin(scope, key, Fingerprint::of(target, body), now_us).await? {
        Begun::Fresh(claim) => Ok(Claimed::Yes(claim)),
        Begun::Replay(answer) => Ok(Claimed::Answered(answer)),
        Begun::Mismatch => Err(Problem::refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this Idempotency-Key was used for another request: take a new one",
        )),
        Begun::UnderWay => {
            conflict("idempotency_under_way", "the first request with this key is not done yet: ask again soon")
        }
        Begun::Unknown => conflict(
            "outcome_unknown",
            "the first request with this key was never answered: look whether it was done, and take a new key if not",
        ),
    }
}

/// Keeps the answer under the claim; or gives the key back when nothing happened that another try could not mend.
async fn settle(app: &App, claim: Claim, result: Result<Response<Body>, Problem>) -> Result<Response<Body>, Problem> {
    let answers = &app.native.answers;
    match result {
        Ok(response) => {
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(Problem::internal)?.to_bytes();
            let media_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let answer = Answer {
                status: head.status.as_u16(),
                media_type: media_type.unwrap_or_default().to_owned(),
                body: body.to_vec(),
            };
            if let Err(error) = answers.finish(claim, &answer).await {
                // It was done: the client is told so, and a repetition is told that nobody knows.
                tracing::error!(%error, "the answer of an idempotency key was not stored");
            }
            Ok(Response::from_parts(head, Body::from(body)))
        }
        Err(problem) => {
            if problem.nothing_happened()
                && let Err(error) = answers.release(claim).await
            {
                tracing::error!(%error, "an idempotency key was not given back");
            }
            Err(problem)
        }
    }
}

fn replay(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if let (false, Ok(value)) = (answer.media_type.is_empty(), HeaderValue::from_str(&answer.media_type)) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// From where and with what the request came.
fn device(app: &App, headers: &HeaderMap, address: Option<IpAddr>) -> Device {
    let agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    // Without an address the request did not come over a network.
    let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let mut device = Device::new(address, agent.as_deref().unwrap_or_default());
    device.country = app.native.geo.as_ref().and_then(|geo| geo.country(address));
    device
}
