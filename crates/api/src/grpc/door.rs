//! The way of a call from its HTTP/2 request to its answer: method, message, caller, deadline, service.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Request, Response};
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service as _;

use super::body::{Answer, Open};
use super::method::{Access, Form, METHODS, Method};
use super::proto::account_server::AccountServer;
use super::proto::market_server::MarketServer;
use super::proto::trading_server::TradingServer;
use super::signature::Signed;
use super::{account, health, market, proto, status, trading};
use crate::server::Peer;
use crate::usage::Tally;
use crate::{App, Caller, Error};
use runtime::config::Grpc;

/// What stands before a message: a flag for compression and four bytes of length.
const PREFIX: usize = 5;

/// Everything behind the port.
pub(super) struct Door {
    app: App,
    methods: HashMap<&'static str, Mounted>,
    routes: Routes,
    max_message: usize,
    stop: CancellationToken,
}

/// A method with its counters.
struct Mounted {
    method: Method,
    succeeded: metrics::Counter,
    refused: metrics::Counter,
    failed: metrics::Counter,
    seconds: metrics::Histogram,
}

impl Mounted {
    fn new(method: Method) -> Self {
        let counter = |result: &'static str| metrics::counter!("rialto_grpc_requests_total", "method" => method.path, "result" => result);
        Self {
            method,
            succeeded: counter("ok"),
            refused: counter("refused"),
            failed: counter("failed"),
            seconds: metrics::histogram!("rialto_grpc_request_seconds", "method" => method.path),
        }
    }

    /// Counts an answer by the status in its head. That of a stream that was opened comes at its end.
    fn count(&self, answer: &Response<Body>) {
        match Status::from_header_map(answer.headers()).map(|status| status.code()) {
            None | Some(tonic::Code::Ok) => self.succeeded.increment(1),
            Some(tonic::Code::Internal | tonic::Code::Unknown | tonic::Code::Unavailable) => self.failed.increment(1),
            Some(_) => self.refused.increment(1),
        }
    }
}

impl Door {
    /// The services over the state; streams end when `stop` is cancelled.
    pub(super) fn new(app: App, settings: &Grpc, stop: CancellationToken) -> Arc<Self> {
        let (max, capacity) = (settings.max_message_bytes, settings.stream_buffer_messages);
        let trading = TradingServer::new(trading::Service(app.clone()));
        let market = MarketServer::new(market::Service { app: app.clone(), capacity });
        let account = AccountServer::new(account::Service { app: app.clone(), capacity });
        let health = health::Service { app: app.clone(), stop: stop.clone() };
        let mut routes = Routes::builder();
        routes
            .add_service(trading.max_decoding_message_size(max))
            .add_service(market.max_decoding_message_size(max))
            .add_service(account.max_decoding_message_size(max))
            .add_service(tonic_health::pb::health_server::HealthServer::new(health).max_decoding_message_size(max));
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        routes
            .add_service(reflection().build_v1().expect("the descriptors are those of this build"))
            .add_service(reflection().build_v1alpha().expect("the descriptors are those of this build"));
        let methods = METHODS.iter().map(|method| (method.path, Mounted::new(*method))).collect();
        Arc::new(Self { app, methods, routes: routes.routes().prepare(), max_message: max, stop })
    }

    /// The whole way from a request to its answer; `open` is dropped with the last byte of it. A panic becomes INTERNAL.
    pub(super) async fn serve(self: Arc<Self>, request: Request<Incoming>, open: Open) -> Response<Answer> {
        let begun = self.app.clock.monotonic_us();
        let Some(mounted) = self.methods.get(request.uri().path()) else {
            return refuse(&Error::UnknownRpc).map(|body| Answer::new(body, open, None));
        };
        let limit = deadline(request.headers())
            .map_or(self.app.http.request_timeout(), |asked| asked.min(self.app.http.request_timeout()));
        let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let tally = Arc::new(Tally::new(self.app.clone(), address, mounted.method.cost));
        let work = AssertUnwindSafe(self.answer(&mounted.method, request, &tally, limit)).catch_unwind();
        let result = match timeout(limit, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Internal(format!("{} panicked", mounted.method.path))),
            Err(_) => Err(Error::Timeout),
        };
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                tally.failed(&error).await;
                refuse(&error)
            }
        };
        mounted.seconds.record(Duration::from_micros(self.app.clock.monotonic_us().saturating_sub(begun)));
        mounted.count(&answer);
        let stop = (mounted.method.form == Form::Stream).then(|| self.stop.clone());
        answer.map(|body| Answer::new(body, open, stop))
    }

    async fn answer(
        &self,
        method: &Method,
        request: Request<Incoming>,
        tally: &Arc<Tally>,
        limit: Duration,
    ) -> Result<Response<Body>, Error> {
        let (mut head, body) = request.into_parts();
        tally.admit(None).await?;
        // Nobody but the check below may say who calls.
        head.extensions.remove::<Caller>();
        let body = match method.access {
            Access::Public => Body::new(body),
            Access::User(needed) => {
                // Half of the time for the message, so that a slow sender is told of itself.
                let read = timeout(limit / 2, read_call(body, PREFIX + self.max_message));
                let call = read.await.map_err(|_| Error::BodyIncomplete)??;
                let signed = Signed {
                    metadata: &head.headers,
                    address: head.extensions.get::<Peer>().map(|peer| peer.0.ip()),
                    path: method.path,
                    message: message_of(&call)?,
                };
                let caller = signed.authenticate(&self.app, needed).await?;
                tally.take_orders(caller.account).await?;
                head.extensions.insert(caller);
                Body::new(Full::new(call))
            }
        };
        // The handler settles with it, since it alone knows the cause of a failure.
        head.extensions.insert(Arc::clone(tally));
        let answer = self.routes.clone().call(Request::from_parts(head, body)).await;
        let answer = answer.unwrap_or_else(|never| match never {});
        match self.misread(&answer) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// What is wrong with a message that the library could not read. It blames itself, with INTERNAL or OUT_OF_RANGE and without a
    /// reason; the client sent it.
    fn misread(&self, answer: &Response<Body>) -> Option<Error> {
        if answer.headers().contains_key(status::REASON) {
            return None;
        }
        match Status::from_header_map(answer.headers())?.code() {
            tonic::Code::Internal => Some(Error::InvalidRequest("The message is not one of this method.")),
            tonic::Code::OutOfRange => Some(Error::BodyTooLarge(self.max_message)),
            _ => None,
        }
    }
}

/// The bytes of a call with one message. What is longer than the limit is not read to its end.
async fn read_call(mut body: Incoming, limit: usize) -> Result<Bytes, Error> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::BodyIncomplete)?.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Err(Error::BodyTooLarge(limit - PREFIX));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// The message in the bytes of a call.
fn message_of(call: &[u8]) -> Result<&[u8], Error> {
    const NOT_ONE: Error = Error::InvalidRequest("A call of this method carries exactly one message.");
    let (prefix, message) = call.split_first_chunk::<PREFIX>().ok_or(NOT_ONE)?;
    let [compressed, length @ ..] = *prefix;
    if compressed != 0 {
        return Err(Error::InvalidRequest("Compressed messages are not supported."));
    }
    if usize::try_from(u32::from_be_bytes(length)).ok() != Some(message.len()) {
        return Err(NOT_ONE);
    }
    Ok(message)
}

fn refuse(error: &Error) -> Response<Body> {
    status::of(error).into_http()
}

/// How long the client will wait, by the header `grpc-timeout`: up to eight digits and a unit. What is no such text says nothing.
fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3_600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::HeaderMap;

    use super::{deadline, message_of};

    #[test]
    fn a_deadline_has_a_unit() {
        for (text, want) in [
            ("1H", Some(Duration::from_secs(3_600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("250m", Some(Duration::from_millis(250))),
            ("99999999u", Some(Duration::from_micros(99_999_999))),
            ("0n", Some(Duration::ZERO)),
            ("999999999S", None),
            ("S", None),
            ("", None),
            ("5", None),
            ("-1S", None),
            ("5x", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            assert_eq!(deadline(&headers), want, "{text}");
        }
        assert_eq!(deadline(&HeaderMap::new()), None);
    }

    #[test]
    fn a_call_carries_exactly_one_message() {
        assert_eq!(message_of(&[0, 0, 0, 0, 2, 7, 8]).unwrap(), [7, 8]);
        assert_eq!(message_of(&[0, 0, 0, 0, 0]).unwrap(), [0; 0]);
        for wrong in [&[][..], &[0, 0, 0, 0], &[0, 0, 0, 0, 2, 7], &[0, 0, 0, 0, 1, 7, 8], &[1, 0, 0, 0, 1, 7]] {
            assert_eq!(message_of(wrong).unwrap_err().code(), -1135, "{wrong:?}");
        }
    }
}
