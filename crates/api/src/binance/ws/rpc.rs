//! The WebSocket API: `/ws-api/v3`, requests and answers as JSON, and the events of accounts.

mod accounts;
mod auth;
mod event;
mod method;
mod request;
mod response;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Extension;
use axum::extract::ws::{Utf8Bytes, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::close::CloseReason;
use super::connection::{self, Answered, Reaction, Session, Surroundings};
use super::outbox::Outbox;
use super::query;
use super::streams::Form;
use crate::operation::{Handler, refuse};
use crate::server::Peer;
use crate::{App, Call, Error};
use accounts::Connection;
use method::{Done, Method, Run, SessionCall};
use request::Request;

/// `/ws-api/v3`
pub(crate) async fn open(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    peer: Option<Extension<Peer>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(units) = query::time_unit(query.as_deref()) else { return refuse(&Error::InvalidTimeUnit) };
    let Some(place) = app.hub.admit(app.http.max_connections) else { return refuse(&Error::Busy) };
    let form = Form { combined: false, units };
    let outbox = Outbox::new(app.hub.next_connection(), app.http.ws.send_buffer_messages, form);
    let address = peer.map(|Extension(peer)| peer.0.ip());
    let session = ApiSession { connection: Connection::new(app.clone(), Arc::clone(&outbox), address) };
    let around = Surroundings::of(&app);
    super::configure(upgrade, &app).on_upgrade(move |socket| async move {
        app.hub.track(connection::serve(socket, session, outbox, around)).await;
        drop(place);
    })
}

/// The parameters of a request's text, if it is one.
pub(super) fn params_of(text: &str) -> Option<crate::binance::Params> {
    Request::parse(text).ok().map(|request| request.params)
}

/// One connection to the WebSocket API.
struct ApiSession {
    connection: Arc<Connection>,
}

impl Session for ApiSession {
    const DOOR: &'static str = "ws-api";
    const COUNTS_TEXT: bool = false;

    fn text(&mut self, text: Utf8Bytes) -> Reaction {
        match Request::parse(&text) {
            Ok(request) => Reaction::Work(answer(Arc::clone(&self.connection), request).boxed()),
            Err((id, error)) => Reaction::Answer(response::failure(&id, &error)),
        }
    }

    fn last_words(&mut self, reason: CloseReason) -> Vec<Utf8Bytes> {
        self.connection.farewell(reason)
    }
}

/// The whole way from a request to its answer. A panic becomes status 500.
async fn answer(connection: Arc<Connection>, request: Request) -> Answered {
    let Request { id, method, params } = request;
    let limit = connection.app.http.request_timeout();
    let work = AssertUnwindSafe(run(connection, &method, params)).catch_unwind();
    let result = match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::Internal(format!("the method {method} panicked"))),
        Err(_) => Err(Error::Timeout),
    };
    match result {
        Ok(done) => Answered { text: response::success(&id, &done.result), queued: done.queued },
        Err(error) => Answered { text: response::failure(&id, &error), queued: None },
    }
}

async fn run(connection: Arc<Connection>, name: &str, params: crate::binance::Params) -> Result<Done, Error> {
    let method = Method::named(name).ok_or(Error::UnknownRpc)?;
    let needed = match &method.run {
        Run::Operation(Handler::Public(_)) | Run::Anybody(_) => None,
        Run::Operation(Handler::User(needed, _)) | Run::User(needed, _) => Some(*needed),
    };
    let caller = match needed {
        Some(needed) => Some(auth::authenticate(&connection.app, needed, &params, connection.address).await?),
        None => None,
    };
    check_known(&params, method.parameters)?;
    let units = connection.units();
    let call = |params| Call { app: connection.app.clone(), params, units, caller: () };
    match (&method.run, caller) {
        (Run::Operation(Handler::Public(handle)), _) => handle(call(params)).await.map(|reply| Done::new(reply.body)),
        (Run::Operation(Handler::User(_, handle)), Some(caller)) => {
            handle(call(params).by(caller)).await.map(|reply| Done::new(reply.body))
        }
        (Run::Anybody(handle), _) => handle(SessionCall { connection, params }).await,
        (Run::User(_, handle), Some(caller)) => handle(SessionCall { connection, params }, caller).await,
        // A user's method has been given its caller above.
        (Run::Operation(Handler::User(..)) | Run::User(..), None) => Err(Error::InvalidSignature),
    }
}

/// Every method takes `returnRateLimits`.
fn check_known(params: &crate::binance::Params, parameters: &[&str]) -> Result<(), Error> {
    if params.get("returnRateLimits").is_none() {
        return params.check_known(parameters);
    }
    params.flag("returnRateLimits")?;
    let mut known = parameters.to_vec();
    known.push("returnRateLimits");
    params.check_known(&known)
}
