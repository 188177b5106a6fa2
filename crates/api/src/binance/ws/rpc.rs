//! The WebSocket API: `/ws-api/v3`, requests and answers as JSON, and the events of accounts.

mod accounts;
mod auth;
mod method;
mod request;
mod response;
mod session;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Extension;
use axum::extract::ws::{Utf8Bytes, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::close::CloseReason;
use super::connection::{self, Answered, Reaction, Session, Surroundings};
use super::outbox::Outbox;
use super::query;
use super::streams::Form;
use crate::binance::Params;
use crate::operation::{Handler, refuse};
use crate::server::Peer;
use crate::usage::Tally;
use crate::{App, Call, Error};
use accounts::Connection;
use method::{Done, Method, Run, SessionCall};
pub use method::{MethodAccess, methods};
use request::Request;
use session::Turn;

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
    let shows_limits = query::value(query.as_deref(), "returnRateLimits").as_deref() != Some("false");
    let session = ApiSession { connection: Connection::new(app.clone(), Arc::clone(&outbox), address, shows_limits) };
    let around = Surroundings::of(&app);
    super::configure(upgrade, &app).on_upgrade(move |socket| async move {
        app.hub.track(connection::serve(socket, session, outbox, around)).await;
        drop(place);
    })
}

/// The parameters of a request's text, if it is one.
pub(super) fn params_of(text: &str) -> Option<Params> {
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
            Ok(request) => {
                let turn = self.connection.session.turn(Method::changes_session(&request.method));
                Reaction::Work(answer(Arc::clone(&self.connection), request, turn).boxed())
            }
            Err((id, error)) => Reaction::Answer(response::failure(&id, &error, None)),
        }
    }

    fn last_words(&mut self, reason: CloseReason) -> Vec<Utf8Bytes> {
        self.connection.farewell(reason)
    }
}

/// The whole way from a request to its answer. A panic becomes status 500.
async fn answer(connection: Arc<Connection>, request: Request, turn: BoxFuture<'static, Turn>) -> Answered {
    let Request { id, method: name, params } = request;
    let Some(method) = Method::named(&name) else {
        return Answered { text: response::failure(&id, &Error::UnknownRpc, None), queued: None };
    };
    let (app, address) = (connection.app.clone(), connection.address);
    let shows_limits = connection.session.shows_limits(&params);
    let limit = app.http.request_timeout();
    let tally = Tally::new(app, address, method.cost);
    let work = async {
        let _turn = turn.await;
        tally.admit(Some(&params)).await?;
        run(connection, method, params, &tally).await
    };
    let result = match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::Internal(format!("the method {name} panicked"))),
        Err(_) => Err(Error::Timeout),
    };
    method.count(&result);
    if let Err(error) = &result {
        tally.failed(error).await;
    }
    let limits = shows_limits.then(|| tally.to_json());
    match result {
        Ok(done) => Answered { text: response::success(&id, &done.result, limits.as_deref()), queued: done.queued },
        Err(error) => Answered { text: response::failure(&id, &error, limits.as_deref()), queued: None },
    }
}

async fn run(connection: Arc<Connection>, method: &Method, params: Params, tally: &Tally) -> Result<Done, Error> {
    let known = |params: &Params| check_known(params, method.parameters);
    let units = connection.units();
    let call = |params| Call { app: connection.app.clone(), params, units, caller: () };
    match &method.run {
        Run::Operation(Handler::Public(handle)) => {
            known(&params)?;
            handle(call(params)).await.map(|reply| Done::new(reply.body))
        }
        Run::Operation(Handler::KeyAlone(needed, handle)) => {
            let holder = auth::identify(&connection, *needed, &params).await?;
            known(&params)?;
            handle(call(params).by(holder)).await.map(|reply| Done::new(reply.body))
        }
        Run::Operation(Handler::User(needed, handle)) => {
            let signer = auth::authenticate(&connection, *needed, &params).await?;
            known(&params)?;
            tally.take_orders(signer.caller.account).await?;
            handle(call(params).by(signer.caller)).await.map(|reply| Done::new(reply.body))
        }
        Run::Anybody(handle) => {
            known(&params)?;
            handle(SessionCall { connection, params }).await
        }
        Run::LogOn(handle) => {
            let key = auth::log_on(&connection, &params).await?;
            known(&params)?;
            handle(SessionCall { connection, params }, key).await
        }
        Run::LoggedOn(needed, handle) => {
            let signer = auth::logged_on(&connection, *needed).await?;
            known(&params)?;
            handle(SessionCall { connection, params }, signer).await
        }
        Run::User(needed, handle) => {
            let signer = auth::authenticate(&connection, *needed, &params).await?;
            known(&params)?;
            handle(SessionCall { connection, params }, signer).await
        }
    }
}

/// Every method takes `returnRateLimits`.
fn check_known(params: &Params, parameters: &[&str]) -> Result<(), Error> {
    if params.get("returnRateLimits").is_none() {
        return params.check_known(parameters);
    }
    params.flag("returnRateLimits")?;
    let mut known = parameters.to_vec();
    known.push("returnRateLimits");
    params.check_known(&known)
}
