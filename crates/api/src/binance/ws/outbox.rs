//! What waits to be sent on one connection: bounded, and filled by many without ever waiting.
//!
//! Each connection has one such buffer instead of a receiver per stream: a connection may listen to 1,024 streams, and a task that
//! waits on one queue costs the same for one stream as for all of them, keeps the order in which messages were published, and has
//! one place where a slow reader is noticed. The publisher only ever pushes a pointer; nothing it does depends on a socket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use axum::body::Bytes;
use axum::extract::ws::{Message, Utf8Bytes};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::close::CloseReason;
use super::streams::{Form, Published};

/// Share of the capacity above which a waiting message that only shows the latest state gives way to its successor.
const CONFLATE_ABOVE: usize = 8;
/// Most messages that the writer takes at once.
const TAKE: usize = 128;

/// One message that waits.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Of a market stream, shared by all who listen to it.
    Shared(Arc<Published>),
    /// For this connection alone.
    Own(Utf8Bytes),
    /// A ping of ours.
    Ping(Bytes),
    /// The last one.
    Close(CloseReason),
}

impl Outgoing {
    /// The frame; `form` is how this connection wants market streams.
    pub(crate) fn into_frame(self, form: Form) -> Message {
        match self {
            Self::Shared(published) => Message::Text(published.text(form)),
            Self::Own(text) => Message::Text(text),
            Self::Ping(payload) => Message::Ping(payload),
            Self::Close(reason) => Message::Close(Some(reason.frame())),
        }
    }

    fn is_succeeded_by(&self, next: &Arc<Published>) -> bool {
        matches!(self, Self::Shared(waiting) if next.supersedes(waiting))
    }
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Outgoing>,
    /// A ping does not count, and needs no place: an older one that still waits is replaced.
    ping: Option<Bytes>,
    closed: bool,
    /// Why the connection has to end, when that was decided here.
    failure: Option<CloseReason>,
}

/// The outgoing messages of one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// Rises with every connection: lists of subscribers are sorted by it.
    id: u64,
    capacity: usize,
    form: AtomicU8,
    state: Mutex<State>,
    /// Something waits.
    ready: Notify,
    /// A message had no place, or the hub gave up on the connection.
    failed: Notify,
    /// Whether that happened: what waits is void.
    broken: AtomicBool,
}

impl Outbox {
    /// An empty one with place for `capacity` messages.
    pub(crate) fn new(id: u64, capacity: usize, form: Form) -> Arc<Self> {
        Arc::new(Self {
            id,
            capacity: capacity.max(1),
            form: AtomicU8::new(form.code()),
            state: Mutex::default(),
            ready: Notify::new(),
            failed: Notify::new(),
            broken: AtomicBool::new(false),
        })
    }

    /// Number of the connection.
    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// How the connection wants market streams.
    pub(crate) fn form(&self) -> Form {
        Form::from_code(self.form.load(Ordering::Relaxed))
    }

    /// Changes how the connection wants market streams, for messages that are sent from now on.
    pub(crate) fn set_form(&self, form: Form) {
        self.form.store(form.code(), Ordering::Relaxed);
    }

    /// Queues a message of a market stream. Never waits; a full buffer ends the connection.
    pub(crate) fn publish(&self, message: &Arc<Published>) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        if state.queue.len() >= self.capacity / CONFLATE_ABOVE
            && message.is_state()
            && let Some(place) = state.queue.iter_mut().rev().find(|waiting| waiting.is_succeeded_by(message))
        {
            *place = Outgoing::Shared(Arc::clone(message));
            return;
        }
        self.queue(state, Outgoing::Shared(Arc::clone(message)));
    }

    /// Queues a message for this connection alone. Never waits; a full buffer ends the connection.
    pub(crate) fn send(&self, text: impl Into<Utf8Bytes>) {
        let state = self.state.lock();
        if !state.closed {
            self.queue(state, Outgoing::Own(text.into()));
        }
    }

    fn queue(&self, mut state: parking_lot::MutexGuard<'_, State>, item: Outgoing) {
        if state.queue.len() >= self.capacity {
            drop(state);
            self.fail(CloseReason::SlowReader);
            return;
        }
        state.queue.push_back(item);
        drop(state);
        self.ready.notify_one();
    }

    /// Queues a ping.
    pub(crate) fn ping(&self, payload: Bytes) {
        let mut state = self.state.lock();
        if !state.closed {
            state.ping = Some(payload);
            drop(state);
            self.ready.notify_one();
        }
    }

    /// Throws away what waits and lets [`Outbox::failed`] return.
    pub(crate) fn fail(&self, reason: CloseReason) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        state.closed = true;
        state.failure = Some(reason);
        state.queue = VecDeque::new();
        self.broken.store(true, Ordering::Release);
        drop(state);
        self.failed.notify_one();
    }

    /// Waits until [`Outbox::fail`] was called; gives its reason. For one waiter.
    pub(crate) async fn failed(&self) -> CloseReason {
        loop {
            if let Some(reason) = self.state.lock().failure {
                return reason;
            }
            self.failed.notified().await;
        }
    }

    /// Whether what was taken but not yet sent is void.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Queues the last messages and the close frame behind what waits; nothing more is taken in.
    pub(crate) fn close(&self, reason: CloseReason, last_words: Vec<Utf8Bytes>) {
        let mut state = self.state.lock();
        state.closed = true;
        self.broken.store(false, Ordering::Release);
        state.queue.extend(last_words.into_iter().map(Outgoing::Own));
        state.queue.push_back(Outgoing::Close(reason));
        drop(state);
        self.ready.notify_one();
    }

    /// Waits until something is there and moves some of it into `batch`, in order.
    pub(crate) async fn take(&self, batch: &mut Vec<Outgoing>) {
        loop {
            {
                let mut state = self.state.lock();
                if let Some(payload) = state.ping.take() {
                    batch.push(Outgoing::Ping(payload));
                }
                let count = state.queue.len().min(TAKE);
                batch.extend(state.queue.drain(..count));
                if state.queue.is_empty() && state.queue.capacity() > TAKE {
                    // A burst is over: thousands of idle connections must not keep its memory.
                    state.queue = VecDeque::new();
                }
            }
            if !batch.is_empty() {
                return;
            }
            self.ready.notified().await;
        }
    }

    /// How many messages wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().queue.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::ws::Message;

    use super::{Outbox, Outgoing};
    use crate::binance::TimeUnit;
    use crate::binance::ws::close::CloseReason;
    use crate::binance::ws::streams::Form;
    use crate::binance::ws::streams::samples;

    const RAW: Form = Form { combined: false, units: TimeUnit::Millisecond };

    async fn texts(outbox: &Outbox) -> Vec<String> {
        let mut batch = Vec::new();
        outbox.take(&mut batch).await;
        batch
            .into_iter()
            .map(|item| match item.into_frame(RAW) {
                Message::Text(text) => text.to_string(),
                Message::Ping(payload) => format!("ping {}", String::from_utf8_lossy(&payload)),
                Message::Close(frame) => format!("close {}", frame.unwrap().code),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[tokio::test]
    async fn what_waits_is_sent_in_order_and_the_last_words_last() {
        let outbox = Outbox::new(1, 10, RAW);
        outbox.send("a");
        outbox.ping("7".into());
        outbox.send("b");
        outbox.close(CloseReason::Shutdown, vec!["bye".into()]);
        outbox.send("too late");
        assert_eq!(texts(&outbox).await, ["ping 7", "a", "b", "bye", "close 1001"]);
    }

    #[tokio::test]
    async fn a_full_buffer_fails_once_and_drops_what_waits() {
        let outbox = Outbox::new(1, 3, RAW);
        for text in ["a", "b", "c", "d", "e"] {
            outbox.send(text);
        }
        assert_eq!(outbox.failed().await, CloseReason::SlowReader);
        assert!(outbox.is_broken());
        assert_eq!(outbox.waiting(), 0);
        outbox.close(CloseReason::SlowReader, Vec::new());
        assert_eq!(texts(&outbox).await, ["close 1008"]);
    }

    #[tokio::test]
    async fn only_the_newest_ticker_waits_for_a_slow_reader() {
        let view = samples::view();
        let (top, trades): (Arc<str>, Arc<str>) = ("ethusdt@bookTicker".into(), "ethusdt@trade".into());
        let outbox = Outbox::new(1, 16, RAW);
        for id in 1..=100 {
            outbox.publish(&samples::ticker(&top, &view, id));
        }
        outbox.publish(&samples::trade(&trades, &view, 1));
        outbox.publish(&samples::ticker(&top, &view, 101));
        assert_eq!(outbox.waiting(), 3, "those below the threshold, the newest in its place, and the trade");
        let sent = texts(&outbox).await;
        assert!(sent[0].contains("\"u\":1,"), "{sent:?}");
        assert!(sent[1].contains("\"u\":101,"), "{sent:?}");
        // Trades are never left out.
        for id in 0..16 {
            outbox.publish(&samples::trade(&trades, &view, id));
        }
        assert_eq!(outbox.waiting(), 16);
        outbox.publish(&samples::trade(&trades, &view, 17));
        assert_eq!(outbox.failed().await, CloseReason::SlowReader);
    }

    #[tokio::test]
    async fn a_writer_that_waits_is_woken() {
        let outbox = Outbox::new(1, 3, RAW);
        let waiting = tokio::spawn({
            let outbox = Arc::clone(&outbox);
            async move { texts(&outbox).await }
        });
        tokio::task::yield_now().await;
        outbox.send("a");
        assert_eq!(waiting.await.unwrap(), ["a"]);
        assert!(matches!(Outgoing::Close(CloseReason::Gone).into_frame(RAW), Message::Close(Some(_))));
    }
}
