//! Market streams: `/ws` and `/stream`.
//!
//! | where | what |
//! | --- | --- |
//! | `/ws`, `/ws/<name>/<name>…` | messages as they are |
//! | `/stream`, `/stream?streams=<name>/<name>…` | messages wrapped as `{"stream":…,"data":…}` |
//! | `/stream/ws`, `/stream/ws/<name>…` | as `/ws`; for ccxt, which takes a URL without `/stream` for one of futures when it knows both |
//!
//! Any name is taken; those that something is published under are [`stream_names`]. A listen key is the name of its account's
//! events ([`account`]).

mod account;
mod all;
mod control;
mod hub;
mod message;
mod name;
mod payload;
mod session;
mod shapes;
mod source;

use std::sync::Arc;

use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{RawPathParams, RawQuery, State};
use axum::response::{IntoResponse, Response};

pub use hub::Hub;
#[cfg(test)]
pub(crate) use message::tests as samples;
pub(crate) use message::{Form, Published, Slot};
pub use name::stream_names;
pub(crate) use name::{Channel, Kind, Pace};
pub(crate) use payload::Content;

use super::connection::{self, Surroundings};
use super::outbox::Outbox;
use super::query;
use crate::binance::TimeUnit;
use crate::operation::refuse;
use crate::{App, Error};
use account::AccountStreams;
use session::MarketSession;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `/ws…`
pub(crate) async fn raw(
    State(app): State<App>,
    path: RawPathParams,
    RawQuery(query): RawQuery,
    upgrade: Upgrade,
) -> Response {
    let names = path.iter().next().map(|(_, names)| names.to_owned()).unwrap_or_default();
    open(app, &names, query.as_deref(), false, upgrade)
}

/// `/stream…`
pub(crate) async fn combined(State(app): State<App>, RawQuery(query): RawQuery, upgrade: Upgrade) -> Response {
    let names = query::value(query.as_deref(), "streams").unwrap_or_default();
    open(app, &names, query.as_deref(), true, upgrade)
}

fn open(app: App, names: &str, query: Option<&str>, combined: bool, upgrade: Upgrade) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(units) = query::time_unit(query) else { return refuse(&Error::InvalidTimeUnit) };
    let Some(place) = app.hub.admit(app.http.max_connections) else { return refuse(&Error::Busy) };
    let outbox = outbox(&app, combined, units);
    let accounts = AccountStreams::new(app.clone(), Arc::clone(&outbox));
    let (hub, clock, limit) = (app.hub.clone(), Arc::clone(&app.clock), app.http.ws.max_subscriptions);
    let mut session = MarketSession::new(hub, Arc::clone(&outbox), clock, limit, accounts);
    // Names that cannot be those of streams are passed over: clients connect under anything. Only their number is limited.
    let names = names.split('/').filter(|name| name::parse(name).is_ok()).map(str::to_owned).collect();
    if session.subscribe(names).is_err() {
        return refuse(&Error::TooManySubscriptions(app.http.ws.max_subscriptions));
    }
    let around = Surroundings::of(&app);
    let hub = app.hub.clone();
    super::configure(upgrade, &app).on_upgrade(move |socket| async move {
        hub.track(connection::serve(socket, session, outbox, around)).await;
        drop(place);
    })
}

fn outbox(app: &App, combined: bool, units: TimeUnit) -> Arc<Outbox> {
    Outbox::new(app.hub.next_connection(), app.http.ws.send_buffer_messages, Form { combined, units })
}
