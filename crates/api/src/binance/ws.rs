//! The WebSocket doors: market streams (`/ws`, `/stream`), the WebSocket API (`/ws-api/v3`) and a random number for each message
//! (`/random-u64`).
//!
//! What they share is in [`connection`]: one task per socket, which reads, works, and writes what waits in the socket's
//! [`outbox`]; pings every 20 s and an end after 60 s without a pong; five messages a second (of the WebSocket API only pings and
//! pongs count, its requests wait in the socket when 64 are under way); an end after 24 hours; a bounded buffer of outgoing
//! messages, whose overflow ends the connection with a reason. The numbers are settings (`http.ws`).

mod close;
mod connection;
mod event;
mod heartbeat;
mod outbox;
mod query;
mod random;
mod rate;
mod rpc;
mod streams;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;

pub(crate) use close::CloseReason;
pub(crate) use outbox::{Outbox, Outgoing};
pub use rpc::{MethodAccess, methods};
pub(crate) use streams::{Channel, Content, Form, Kind, Pace, Published};
pub use streams::{Hub, stream_names};

use crate::App;

/// The routes of the WebSocket doors.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/ws", get(streams::raw))
        .route("/ws/", get(streams::raw))
        .route("/ws/{*streams}", get(streams::raw))
        .route("/stream", get(streams::combined))
        .route("/stream/", get(streams::combined))
        .route("/stream/ws", get(streams::raw))
        .route("/stream/ws/{*streams}", get(streams::raw))
        .route("/ws-api/v3", get(rpc::open))
        .route("/random-u64", get(random::open))
        .with_state(app)
}

/// The parameters of a request to the WebSocket API, if the text is one: for the fuzz target alone.
#[doc(hidden)]
pub fn params_of(text: &str) -> Option<super::Params> {
    rpc::params_of(text)
}

/// The limits and buffers of a socket.
fn configure(upgrade: WebSocketUpgrade, app: &App) -> WebSocketUpgrade {
    let limit = app.http.ws.max_message_bytes;
    upgrade
        .read_buffer_size(connection::READ_BUFFER_BYTES)
        .write_buffer_size(connection::WRITE_BUFFER_BYTES)
        .max_message_size(limit)
        .max_frame_size(limit)
}
