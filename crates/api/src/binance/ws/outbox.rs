//! What waits to be sent on one connection: bounded, and filled by many without ever waiting.
//!
//! Each connection has one such buffer instead of a receiver per stream: a connection may listen to 1,024 streams, and a task that
//! waits on one queue costs the same for one stream as for all of them, keeps the order in which messages were published, and has
//! one place where a slow reader is noticed. The publisher only ever pushes a pointer; nothing it does depends on a socket.
//!
//! A slow reader misses no trade and no change of a book: when its buffer is full of them, it is disconnected. Of what shows a state
//! only the newest waits for it, in the place of the one before.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use axum::body::Bytes;
use axum::extract::ws::{Message, Utf8Bytes};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::close::CloseReason;
use super::streams::{Form, Published, Slot};

/// States that may wait beside what counts against the capacity. One waits for each stream (and market), so that clients do not come
/// here unless they subscribe anew all the time without reading.
const MAX_STATES: usize = 16_384;
/// Most messages that the writer takes at once.
const TAKE: usize = 128;
/// Places that an empty buffer keeps.
const KEEP: usize = 8;

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

    /// Whether it gives way to a later one.
    fn is_state(&self) -> bool {
        matches!(self, Self::Shared(message) if message.is_state())
    }
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Outgoing>,
    /// How many have left the front of the queue.
    taken: u64,
    /// Which one of the queue, counted from the first ever, was the last in its slot. It may have left since.
    slots: HashMap<Slot, u64>,
    /// How many in the queue are no states.
    kept: usize,
    /// A ping does not count, and needs no place: an older one that still waits is replaced.
    ping: Option<Bytes>,
    closed: bool,
    /// Why the connection has to end, when that was decided here.
    failure: Option<CloseReason>,
}

impl State {
    /// Puts the message in the place of the one that waits in its slot, if there is one that it makes worthless.
    fn replace(&mut self, slot: Slot, message: &Arc<Published>) -> bool {
        let waiting = self.slots.get(&slot).and_then(|place| place.checked_sub(self.taken));
        let Some(Outgoing::Shared(waiting)) =
            waiting.and_then(|index| self.queue.get_mut(usize::try_from(index).ok()?))
        else {
            return false;
        };
        let Some(instead) = message.instead_of(waiting) else { return false };
        // A candle that is over takes the place of a state, and stays.
        self.kept += usize::from(!instead.is_state());
        *waiting = instead;
        true
    }

    /// Moves some into `batch`, in order.
    fn take(&mut self, batch: &mut Vec<Outgoing>) {
        let count = self.queue.len().min(TAKE);
        self.taken += count as u64;
        for item in self.queue.drain(..count) {
            self.kept -= usize::from(!item.is_state());
            batch.push(item);
        }
        if self.queue.is_empty() {
            self.clear();
        }
    }

    /// Empties it. A burst is over: thousands of idle connections must not keep its memory.
    fn clear(&mut self) {
        self.kept = 0;
        self.queue.clear();
        self.slots.clear();
        self.queue.shrink_to(KEEP);
        self.slots.shrink_to(KEEP);
    }
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
        let Some(slot) = message.slot() else {
            return self.queue(state, Outgoing::Shared(Arc::clone(message)));
        };
        if state.replace(slot, message) {
            return;
        }
        let place = state.taken + state.queue.len() as u64;
        state.slots.insert(slot, place);
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
        let is_state = item.is_state();
        if state.kept >= self.capacity && !is_state || state.queue.len() - state.kept >= MAX_STATES && is_state {
            drop(state);
            self.fail(CloseReason::SlowReader);
            return;
        }
        state.kept += usize::from(!is_state);
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
        state.clear();
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
        state.kept += last_words.len() + 1;
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
                state.take(batch);
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
    async fn only_the_newest_state_of_each_stream_waits() {
        let view = samples::view();
        let (top, other, trades): (Arc<str>, Arc<str>, Arc<str>) =
            ("ethusdt@bookTicker".into(), "!bookTicker".into(), "ethusdt@trade".into());
        let outbox = Outbox::new(1, 4, RAW);
        outbox.publish(&samples::ticker(&top, &view, 1));
        outbox.publish(&samples::trade(&trades, &view, 1));
        for id in 2..=100 {
            outbox.publish(&samples::ticker(&top, &view, id));
            outbox.publish(&samples::ticker(&other, &view, id));
        }
        assert_eq!(outbox.waiting(), 3);
        let sent = texts(&outbox).await;
        assert!(sent[0].contains("\"u\":100,") && sent[2].contains("\"u\":100,"), "{sent:?}");
        assert!(sent[1].contains("\"e\":\"trade\""), "{sent:?}");
        // What has left is not replaced.
        outbox.publish(&samples::ticker(&top, &view, 101));
        assert_eq!(texts(&outbox).await.len(), 1);
    }

    #[tokio::test]
    async fn a_reader_is_too_slow_when_what_may_not_be_lost_has_no_place() {
        let view = samples::view();
        let names: Vec<Arc<str>> = (0..100).map(|n| format!("s{n}@bookTicker").into()).collect();
        for message in [samples::trade, samples::agg_trade, samples::diff] {
            let name: Arc<str> = "ethusdt@x".into();
            let outbox = Outbox::new(1, 4, RAW);
            for id in 1..=4 {
                // States do not count, however many streams there are.
                names.iter().for_each(|name| outbox.publish(&samples::ticker(name, &view, id)));
                outbox.publish(&message(&name, &view, id));
            }
            assert_eq!(outbox.waiting(), 104);
            assert!(!outbox.is_broken());
            outbox.publish(&message(&name, &view, 5));
            assert!(outbox.is_broken());
            assert_eq!(outbox.failed().await, CloseReason::SlowReader);
        }
    }

    #[tokio::test]
    async fn places_are_free_again_when_messages_have_left() {
        let view = samples::view();
        let (top, trades): (Arc<str>, Arc<str>) = ("ethusdt@bookTicker".into(), "ethusdt@trade".into());
        let outbox = Outbox::new(1, 200, RAW);
        for id in 0..200 {
            outbox.publish(&samples::trade(&trades, &view, id));
        }
        assert_eq!(texts(&outbox).await.len(), 128);
        outbox.publish(&samples::ticker(&top, &view, 1));
        for id in 0..128 {
            outbox.publish(&samples::trade(&trades, &view, id));
        }
        outbox.publish(&samples::ticker(&top, &view, 2));
        assert_eq!(outbox.waiting(), 201);
        assert!(!outbox.is_broken());
        assert!(texts(&outbox).await[72].contains("\"u\":2,"), "in the place of the first");
    }

    #[tokio::test]
    async fn a_candle_that_is_over_stays() {
        let view = samples::view();
        let name: Arc<str> = "ethusdt@kline_1m".into();
        let outbox = Outbox::new(1, 2, RAW);
        for minute in 0..3 {
            for trades in 1..=5 {
                outbox.publish(&samples::candle(&name, &view, minute, trades, false));
            }
            if minute < 2 {
                outbox.publish(&samples::candle(&name, &view, minute, 6, true));
            }
        }
        let sent: Vec<serde_json::Value> =
            texts(&outbox).await.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        let shown: Vec<_> = sent.iter().map(|it| (it["k"]["n"].as_u64(), it["k"]["x"].as_bool())).collect();
        assert_eq!(shown, [(Some(6), Some(true)), (Some(6), Some(true)), (Some(5), Some(false))]);
    }

    #[tokio::test]
    async fn arrays_that_wait_are_joined() {
        let view = samples::view();
        let others = samples::other_views();
        let name: Arc<str> = "!miniTicker@arr".into();
        let outbox = Outbox::new(1, 2, RAW);
        outbox.publish(&samples::mini_tickers(&name, &[&view, &others[0]], 1));
        outbox.publish(&samples::mini_tickers(&name, &[&others[1]], 2));
        outbox.publish(&samples::mini_tickers(&name, &[&view], 3));
        let sent: serde_json::Value = serde_json::from_str(&texts(&outbox).await[0]).unwrap();
        let shown: Vec<_> = sent.as_array().unwrap().iter().map(|it| (it["s"].as_str(), it["c"].as_str())).collect();
        assert_eq!(
            shown,
            [
                (Some("ETHUSDT"), Some("0.03000000")),
                (Some("AAAUSDT"), Some("0.01000000")),
                (Some("BBBUSDT"), Some("0.02000000"))
            ]
        );
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
