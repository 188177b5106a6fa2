//! `/random-u64`: a random number for each message, for who wants to see whether WebSockets get through.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{Utf8Bytes, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::response::{IntoResponse, Response};
use runtime::entropy::Random;

use super::close::CloseReason;
use super::connection::{self, Reaction, Session, Surroundings};
use super::outbox::Outbox;
use super::streams::Form;
use crate::binance::TimeUnit;
use crate::operation::refuse;
use crate::{App, Error};

/// Opens a connection. Anybody may; the limits are those of the market streams.
pub(super) async fn open(
    State(app): State<App>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(place) = app.hub.admit(app.http.max_connections) else { return refuse(&Error::Busy) };
    let form = Form { combined: false, units: TimeUnit::Millisecond };
    let outbox = Outbox::new(app.hub.next_connection(), app.http.ws.send_buffer_messages, form);
    let session = Numbers(Arc::clone(&app.random));
    let (around, hub) = (Surroundings::of(&app), app.hub.clone());
    super::configure(upgrade, &app).on_upgrade(move |socket| async move {
        hub.track(connection::serve(socket, session, outbox, around)).await;
        drop(place);
    })
}

/// What one connection draws its numbers from.
struct Numbers(Arc<dyn Random>);

impl Session for Numbers {
    const DOOR: &'static str = "random";
    const COUNTS_TEXT: bool = true;

    fn text(&mut self, _text: Utf8Bytes) -> Reaction {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Reaction::Answer(u64::from_le_bytes(bytes).to_string())
    }

    fn last_words(&mut self, _reason: CloseReason) -> Vec<Utf8Bytes> {
        Vec::new()
    }
}
