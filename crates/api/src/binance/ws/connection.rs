//! The life of one WebSocket connection, the same for every door: reading, writing, pings, limits, the end.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use runtime::clock::Clock;
use runtime::config::Ws;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::close::CloseReason;
use super::heartbeat::{Beat, Heartbeat};
use super::outbox::Outbox;
use super::rate::MessageRate;
use crate::App;

/// Bytes of a socket's read buffer. It grows for a longer message; ten thousand idle sockets hold 10 MiB of them.
pub(crate) const READ_BUFFER_BYTES: usize = 1024;
/// Bytes that are gathered before they are written to the socket, unless nothing more waits.
pub(crate) const WRITE_BUFFER_BYTES: usize = 8 * 1024;
/// A connection lives at most so long.
const MAXIMUM_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the last messages and the close frame may take to be written.
const CLOSE_GRACE: Duration = Duration::from_secs(5);
/// How long the client may take to answer the close frame.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(1);
/// How long a socket with unread bytes stays open after the close frame: dropping it at once resets the connection, and the reset
/// can overtake the frame.
const LINGER: Duration = Duration::from_millis(200);
/// Requests of one connection that are worked on at the same time; further ones wait in the socket.
const IN_FLIGHT: usize = 64;

/// What a door does with the messages of one connection.
pub(crate) trait Session: Send {
    /// Name of the door in metrics.
    const DOOR: &'static str;
    /// Whether JSON messages count against the limit of messages, beside pings and pongs.
    const COUNTS_TEXT: bool;

    /// A text message came.
    fn text(&mut self, text: Utf8Bytes) -> Reaction;

    /// What is said before the connection is closed.
    fn last_words(&mut self, reason: CloseReason) -> Vec<Utf8Bytes>;
}

/// What follows from a message.
pub(crate) enum Reaction {
    /// An answer at once.
    Answer(String),
    /// Nothing more: the answer is queued already.
    Answered,
    /// An answer later; answers may overtake each other, the requests' ids tell them apart.
    Work(BoxFuture<'static, Answered>),
}

/// An answer that took some work.
pub(crate) struct Answered {
    /// The message.
    pub(crate) text: String,
    /// Told once the answer is queued, so that what the request started cannot come before the answer.
    pub(crate) queued: Option<oneshot::Sender<()>>,
}

/// What a connection needs of its surroundings.
pub(crate) struct Surroundings {
    /// Limits.
    pub(crate) limits: Ws,
    /// Time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Cancelled when the server stops.
    pub(crate) shutdown: CancellationToken,
}

impl Surroundings {
    /// Those of the program.
    pub(crate) fn of(app: &App) -> Self {
        Self { limits: app.http.ws.clone(), clock: Arc::clone(&app.clock), shutdown: app.hub.shutdown() }
    }
}

/// Serves one connection from its first message to its end.
pub(crate) async fn serve<S: Session>(socket: WebSocket, mut session: S, outbox: Arc<Outbox>, around: Surroundings) {
    metrics::gauge!("rialto_ws_connections", "door" => S::DOOR).increment(1.0);
    let (sink, mut stream) = socket.split();
    let mut writer = Box::pin(write(sink, Arc::clone(&outbox)));
    let reason = tokio::select! {
        reason = read(&mut stream, &mut session, &outbox, &around) => reason,
        () = &mut writer => CloseReason::Gone,
        reason = outbox.failed() => reason,
        () = around.shutdown.cancelled() => CloseReason::Shutdown,
    };
    if reason != CloseReason::Gone {
        outbox.close(reason, session.last_words(reason));
        // A client that does not take the close frame in time loses the socket without it.
        let _ = timeout(CLOSE_GRACE, writer).await;
    }
    // Until the client has closed too; this also sends the answer to the client's own close frame.
    let farewell = async {
        while let Some(message) = stream.next().await {
            if message.is_err() {
                sleep(LINGER).await;
                break;
            }
        }
    };
    let _ = timeout(HANDSHAKE_LIMIT, farewell).await;
    metrics::gauge!("rialto_ws_connections", "door" => S::DOOR).decrement(1.0);
    metrics::counter!("rialto_ws_closed_total", "door" => S::DOOR, "reason" => reason.label()).increment(1);
    tracing::debug!(door = S::DOOR, connection = outbox.id(), reason = reason.label(), "websocket closed");
}

/// Sends what is queued until the close frame has gone out or the socket fails.
async fn write(mut sink: SplitSink<WebSocket, Message>, outbox: Arc<Outbox>) {
    let mut batch = Vec::new();
    loop {
        outbox.take(&mut batch).await;
        let form = outbox.form();
        for item in batch.drain(..) {
            if outbox.is_broken() {
                break;
            }
            let frame = item.into_frame(form);
            let last = matches!(frame, Message::Close(_));
            if sink.feed(frame).await.is_err() {
                return;
            }
            if last {
                let _ = sink.flush().await;
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}

/// Takes the client's messages until the connection has to end; says why.
async fn read<S: Session>(
    stream: &mut SplitStream<WebSocket>,
    session: &mut S,
    outbox: &Outbox,
    around: &Surroundings,
) -> CloseReason {
    let mut rate = MessageRate::new(around.limits.max_messages_per_second as usize);
    let mut heart = Heartbeat::new(around.limits.pong_timeout_ms.saturating_mul(1_000));
    let every = around.limits.ping_interval();
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work: FuturesUnordered<BoxFuture<'static, Answered>> = FuturesUnordered::new();
    let mut old = Box::pin(sleep(MAXIMUM_AGE));
    loop {
        let message = tokio::select! {
            Some(answer) = work.next(), if !work.is_empty() => {
                outbox.send(answer.text);
                if let Some(queued) = answer.queued {
                    // Nobody waits any more when what was started has ended already.
                    let _ = queued.send(());
                }
                continue;
            }
            message = stream.next(), if work.len() < IN_FLIGHT => message,
            _ = ticks.tick() => match heart.tick(around.clock.monotonic_us()) {
                Beat::Ping(payload) => {
                    outbox.ping(payload);
                    continue;
                }
                Beat::Dead => return CloseReason::NoPong,
            },
            () = &mut old => return CloseReason::MaximumAge,
        };
        let message = match message {
            Some(Ok(message)) => message,
            Some(Err(error)) => return fault(&error),
            None => return CloseReason::Gone,
        };
        let counts = S::COUNTS_TEXT || !matches!(message, Message::Text(_));
        if counts && !matches!(message, Message::Close(_)) && !rate.allow(around.clock.monotonic_us()) {
            return CloseReason::TooManyMessages;
        }
        match message {
            Message::Text(text) => match session.text(text) {
                Reaction::Answer(text) => outbox.send(text),
                Reaction::Answered => {}
                Reaction::Work(future) => work.push(future),
            },
            Message::Pong(payload) => heart.pong(&payload),
            // The library answers pings.
            Message::Ping(_) => {}
            Message::Binary(_) => return CloseReason::Binary,
            Message::Close(_) => return CloseReason::Gone,
        }
    }
}

/// Tells a message that breaks the rules from a network that failed.
fn fault(error: &axum::Error) -> CloseReason {
    // The library's error type is not public through axum; its texts are.
    let text = error.to_string();
    let network = text.starts_with("IO error") || text.contains("onnection");
    if network { CloseReason::Gone } else { CloseReason::BrokenFrame }
}
