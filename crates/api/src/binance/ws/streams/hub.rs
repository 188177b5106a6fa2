//! The hub: who listens to which market stream, and the task that publishes.
//!
//! [`Hub::publish`] is called by the task that follows the journal. It only notes what happened; a task of the hub's own writes
//! messages and hands them to the subscribers' buffers ([`Outbox`]), so that ten thousand subscribers cost that task no time.
//! Changes of a book are not noted at all: every 100 ms (or second) the hub asks the book of each stream that has a subscriber for
//! what changed since it last asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use marketdata::{Changes, DiffCursor, MarketData, MarketView, PublicTrade};
use model::{MarketId, Timestamp};
use parking_lot::Mutex;
use runtime::clock::Clock;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::message::{Content, Published};
use super::name::{Channel, Kind};
use crate::binance::ws::close::CloseReason;
use crate::binance::ws::outbox::Outbox;

/// Pace of `@depth@100ms`.
const FAST: Duration = Duration::from_millis(100);
/// `@depth` is published at every so many ticks of the fast pace: once a second.
const SLOW_TICKS: u32 = 10;
/// Trades that may wait for the publishing task. Beyond it the listeners to trades are disconnected, and told why.
const MAX_PENDING_TRADES: usize = 100_000;
/// Hand-overs after which the publishing task lets others run.
const YIELD_AFTER: usize = 4_096;
/// How long [`Hub::close`] waits for the connections to end.
const CLOSE_LIMIT: Duration = Duration::from_secs(6);

/// Who listens to which market stream. A clone is a pointer.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    market_data: MarketData,
    clock: Arc<dyn Clock>,
    streams: Mutex<HashMap<Channel, Stream>>,
    pending: Mutex<Pending>,
    /// Something is pending.
    wake: Notify,
    /// Streams of trades, and of best bids and asks, that have a subscriber.
    trade_streams: AtomicUsize,
    ticker_streams: AtomicUsize,
    connections: AtomicU64,
    /// Connections that are open, or about to be.
    open: AtomicUsize,
    started: AtomicBool,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

/// What happened and is not published yet.
#[derive(Debug, Default)]
struct Pending {
    trades: Vec<PublicTrade>,
    tops: Vec<MarketId>,
    /// Trades were lost, since too many waited.
    overflowed: bool,
}

/// One stream with at least one subscriber.
#[derive(Debug)]
struct Stream {
    name: Arc<str>,
    /// Reader of the book's changes; `None` for other kinds of streams, and while the market is not listed.
    cursor: Option<DiffCursor>,
    /// In order of the connections' numbers. Shared with a publication that is under way.
    subscribers: Subscribers,
}

/// The right to one connection.
#[derive(Debug)]
pub(crate) struct Place(Arc<Inner>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

type Subscribers = Arc<Vec<Arc<Outbox>>>;

impl Hub {
    /// A hub without subscribers.
    pub fn new(market_data: MarketData, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            market_data,
            clock,
            streams: Mutex::default(),
            pending: Mutex::default(),
            wake: Notify::new(),
            trade_streams: AtomicUsize::new(0),
            ticker_streams: AtomicUsize::new(0),
            connections: AtomicU64::new(1),
            open: AtomicUsize::new(0),
            started: AtomicBool::new(false),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Notes what a batch changed. Called once the views hold the batch. Never waits.
    pub fn publish(&self, changes: &Changes) {
        let trades = !changes.trades.is_empty() && self.0.trade_streams.load(Ordering::Acquire) > 0;
        let tops = !changes.tops.is_empty() && self.0.ticker_streams.load(Ordering::Acquire) > 0;
        if !trades && !tops {
            return;
        }
        let mut pending = self.0.pending.lock();
        if trades {
            if pending.trades.len() + changes.trades.len() > MAX_PENDING_TRADES {
                pending.trades.clear();
                pending.overflowed = true;
            } else {
                pending.trades.extend_from_slice(&changes.trades);
            }
        }
        if tops {
            for market in &changes.tops {
                if !pending.tops.contains(market) {
                    pending.tops.push(*market);
                }
            }
        }
        drop(pending);
        self.0.wake.notify_one();
    }

    /// The views were replaced by an image. Readers of books go on with the difference, unless the market itself is another;
    /// trades in between are not known, so those who listen to trades are disconnected to start afresh.
    pub fn reload(&self) {
        for (channel, stream) in self.0.streams.lock().iter_mut() {
            let Some(cursor) = &stream.cursor else { continue };
            let view = self.0.market_data.market(channel.symbol.as_str());
            if view.is_none_or(|view| !Arc::ptr_eq(cursor.view(), &view)) {
                stream.cursor = self.0.cursor(*channel);
                fail_all(&stream.subscribers);
            }
        }
        let mut pending = self.0.pending.lock();
        pending.trades.clear();
        pending.overflowed = self.0.trade_streams.load(Ordering::Acquire) > 0;
        if self.0.ticker_streams.load(Ordering::Acquire) > 0 {
            pending.tops = self.0.market_data.markets().iter().map(|view| view.market.id).collect();
        }
        drop(pending);
        self.0.wake.notify_one();
    }

    /// Ends every connection with a farewell, and waits for that at most six seconds.
    pub async fn close(&self) {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        if timeout(CLOSE_LIMIT, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(connections = self.0.tasks.len(), "websocket connections did not end in time");
        }
    }

    /// Cancelled when the connections have to end.
    pub(crate) fn shutdown(&self) -> CancellationToken {
        self.0.shutdown.clone()
    }

    /// Runs a connection so that [`Hub::close`] waits for it.
    pub(crate) async fn track(&self, connection: impl Future<Output = ()>) {
        self.0.tasks.track_future(connection).await;
    }

    /// A place for one more WebSocket, given back when it is dropped; `None` when `limit` of them are taken. (An upgraded
    /// connection no longer counts as one of HTTP.)
    pub(crate) fn admit(&self, limit: usize) -> Option<Place> {
        let free = |open| (open < limit).then_some(open + 1);
        self.0.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, free).ok()?;
        Some(Place(Arc::clone(&self.0)))
    }

    /// The number of a new connection.
    pub(crate) fn next_connection(&self) -> u64 {
        self.0.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// Lets a connection listen to a stream. What changes from now on reaches it. Once per connection and stream.
    pub(crate) fn subscribe(&self, channel: Channel, outbox: &Arc<Outbox>) {
        self.start();
        let mut streams = self.0.streams.lock();
        let stream = streams.entry(channel).or_insert_with(|| {
            self.count(channel.kind).inspect(|count| {
                count.fetch_add(1, Ordering::AcqRel);
            });
            Stream { name: channel.to_string().into(), cursor: None, subscribers: Arc::default() }
        });
        if stream.cursor.is_none() {
            stream.cursor = self.0.cursor(channel);
        }
        let subscribers = Arc::make_mut(&mut stream.subscribers);
        if let Err(place) = subscribers.binary_search_by_key(&outbox.id(), |other| other.id()) {
            subscribers.insert(place, Arc::clone(outbox));
        }
    }

    /// Ends a subscription. A message that is being published may still come.
    pub(crate) fn unsubscribe(&self, channel: Channel, outbox: &Outbox) {
        let mut streams = self.0.streams.lock();
        let Some(stream) = streams.get_mut(&channel) else { return };
        let subscribers = Arc::make_mut(&mut stream.subscribers);
        if let Ok(place) = subscribers.binary_search_by_key(&outbox.id(), |other| other.id()) {
            subscribers.remove(place);
        }
        if subscribers.is_empty() {
            streams.remove(&channel);
            self.count(channel.kind).inspect(|count| {
                count.fetch_sub(1, Ordering::AcqRel);
            });
        }
    }

    fn count(&self, kind: Kind) -> Option<&AtomicUsize> {
        match kind {
            Kind::Trade => Some(&self.0.trade_streams),
            Kind::BookTicker => Some(&self.0.ticker_streams),
            Kind::Depth | Kind::Depth100 | Kind::Depth1000 => None,
        }
    }

    /// Starts the publishing task with the first subscriber.
    fn start(&self) {
        if !self.0.started.swap(true, Ordering::AcqRel) {
            let inner = Arc::clone(&self.0);
            self.0.tasks.spawn(inner.run());
        }
    }
}

impl Inner {
    async fn run(self: Arc<Self>) {
        let mut ticks = interval(FAST);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tick: u32 = 0;
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = self.wake.notified() => self.publish_pending().await,
                _ = ticks.tick() => {
                    tick = (tick + 1) % SLOW_TICKS;
                    self.publish_books(tick == 0).await;
                }
            }
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_us())
    }

    fn cursor(&self, channel: Channel) -> Option<DiffCursor> {
        match channel.kind {
            Kind::Depth | Kind::Depth100 | Kind::Depth1000 => {
                self.market_data.market(channel.symbol.as_str()).map(|view| view.diffs())
            }
            Kind::Trade | Kind::BookTicker => None,
        }
    }

    async fn publish_pending(&self) {
        let pending = std::mem::take(&mut *self.pending.lock());
        let now = self.now();
        let mut effort = Effort::default();
        if pending.overflowed {
            self.disconnect(Kind::Trade);
        }
        for run in pending.trades.chunk_by(|left, right| left.market == right.market) {
            let Some((name, view, subscribers)) =
                run.first().and_then(|first| self.listeners(first.market, Kind::Trade))
            else {
                continue;
            };
            for trade in run {
                let message = Published::new(&name, &view, Content::Trade(*trade), now);
                effort.hand_over(&subscribers, &message).await;
            }
        }
        for market in pending.tops {
            if let Some((name, view, subscribers)) = self.listeners(market, Kind::BookTicker) {
                let content = Content::BookTicker(view.book_ticker());
                effort.hand_over(&subscribers, &Published::new(&name, &view, content, now)).await;
            }
        }
    }

    /// Publishes what changed in the books since the last tick of their pace.
    async fn publish_books(&self, slow: bool) {
        let now = self.now();
        let mut ready = Vec::new();
        {
            let mut streams = self.streams.lock();
            for (channel, stream) in streams.iter_mut() {
                let due = match channel.kind {
                    Kind::Depth100 => true,
                    Kind::Depth | Kind::Depth1000 => slow,
                    Kind::Trade | Kind::BookTicker => false,
                };
                if !due {
                    continue;
                }
                match stream.cursor.as_mut().map(DiffCursor::take) {
                    Some(Ok(Some(diff))) => {
                        if let Some(cursor) = &stream.cursor {
                            let message = Published::new(&stream.name, cursor.view(), Content::Depth(diff), now);
                            ready.push((Arc::clone(&stream.subscribers), message));
                        }
                    }
                    Some(Ok(None)) => {}
                    Some(Err(_)) => {
                        stream.cursor = None;
                        fail_all(&stream.subscribers);
                    }
                    // The market may have been listed since.
                    None => stream.cursor = self.cursor(*channel),
                }
            }
        }
        let mut effort = Effort::default();
        for (subscribers, message) in ready {
            effort.hand_over(&subscribers, &message).await;
        }
    }

    fn listeners(&self, market: MarketId, kind: Kind) -> Option<(Arc<str>, Arc<MarketView>, Subscribers)> {
        let view = self.market_data.market_by_id(market)?;
        let streams = self.streams.lock();
        let stream = streams.get(&Channel { symbol: view.market.symbol, kind })?;
        Some((Arc::clone(&stream.name), view, Arc::clone(&stream.subscribers)))
    }

    fn disconnect(&self, kind: Kind) {
        for (channel, stream) in self.streams.lock().iter() {
            if channel.kind == kind {
                fail_all(&stream.subscribers);
            }
        }
    }
}

fn fail_all(subscribers: &[Arc<Outbox>]) {
    for outbox in subscribers {
        outbox.fail(CloseReason::Resync);
    }
}

/// Counts hand-overs, so that a message to very many does not keep a thread from everything else.
#[derive(Debug, Default)]
struct Effort {
    spent: usize,
}

impl Effort {
    async fn hand_over(&mut self, subscribers: &[Arc<Outbox>], message: &Arc<Published>) {
        for some in subscribers.chunks(YIELD_AFTER) {
            for outbox in some {
                outbox.publish(message);
            }
            self.spent += some.len();
            if self.spent >= YIELD_AFTER {
                self.spent = 0;
                tokio::task::yield_now().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use marketdata::{Changes, PublicTrade};
    use model::{Amount, MarketId, OrderId, Price, Quantity, Side, Symbol, Timestamp, TradeId};
    use runtime::clock::ManualClock;

    use super::{Hub, MAX_PENDING_TRADES};
    use crate::binance::TimeUnit;
    use crate::binance::ws::close::CloseReason;
    use crate::binance::ws::outbox::{Outbox, Outgoing};
    use crate::binance::ws::streams::name::{Channel, Kind};
    use crate::binance::ws::streams::{Form, samples};

    const RAW: Form = Form { combined: false, units: TimeUnit::Millisecond };

    fn channel(kind: Kind) -> Channel {
        Channel { symbol: Symbol::new("ETHUSDT").unwrap(), kind }
    }

    fn hub() -> Hub {
        let data = samples::market_data();
        Hub::new(data, Arc::new(ManualClock::at(1_700_000_000_000_000)))
    }

    fn trades(ids: std::ops::Range<u64>) -> Changes {
        let trade = |id| PublicTrade {
            id: TradeId(id),
            market: MarketId(1),
            price: Price(1),
            quantity: Quantity(1),
            quote: Amount(1),
            time: Timestamp(1),
            taker_side: Side::Buy,
            maker_order: OrderId(1),
            taker_order: OrderId(2),
        };
        Changes { trades: ids.map(trade).collect(), ..Changes::default() }
    }

    /// Reads trades until `count` have come.
    async fn read(outbox: &Outbox, count: usize) -> usize {
        let mut batch = Vec::new();
        let mut read = 0;
        while read < count {
            outbox.take(&mut batch).await;
            read += batch.drain(..).filter(|item| matches!(item, Outgoing::Shared(_))).count();
        }
        read
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_subscriber_that_does_not_read_holds_nobody() {
        let hub = hub();
        let stuck = Outbox::new(hub.next_connection(), 50, RAW);
        let good: Vec<_> = (0..20).map(|_| Outbox::new(hub.next_connection(), 10_000, RAW)).collect();
        hub.subscribe(channel(Kind::Trade), &stuck);
        for outbox in &good {
            hub.subscribe(channel(Kind::Trade), outbox);
        }
        for start in 0..100 {
            hub.publish(&trades(start * 10..start * 10 + 10));
        }
        for outbox in &good {
            let all = tokio::time::timeout(Duration::from_secs(10), read(outbox, 1_000)).await;
            assert_eq!(all, Ok(1_000));
        }
        assert_eq!(stuck.failed().await, CloseReason::SlowReader);
        hub.close().await;
    }

    #[tokio::test]
    async fn too_many_trades_at_once_end_the_streams_of_trades_by_name() {
        let hub = hub();
        let (listener, other) = (Outbox::new(1, 10, RAW), Outbox::new(2, 10, RAW));
        hub.subscribe(channel(Kind::Trade), &listener);
        hub.subscribe(channel(Kind::Depth), &other);
        // One thread: the publishing task cannot run in between.
        hub.publish(&trades(0..MAX_PENDING_TRADES as u64));
        hub.publish(&trades(0..1));
        assert_eq!(listener.failed().await, CloseReason::Resync);
        assert!(!other.is_broken());
        hub.close().await;
    }

    #[tokio::test]
    async fn nothing_is_kept_for_streams_without_subscribers() {
        let hub = hub();
        hub.publish(&trades(0..10));
        assert!(hub.0.pending.lock().trades.is_empty());
        let outbox = Outbox::new(1, 10, RAW);
        for kind in [Kind::Trade, Kind::Depth, Kind::BookTicker] {
            hub.subscribe(channel(kind), &outbox);
            hub.subscribe(channel(kind), &outbox);
            hub.unsubscribe(channel(kind), &outbox);
        }
        assert!(hub.0.streams.lock().is_empty());
        hub.publish(&trades(0..10));
        assert!(hub.0.pending.lock().trades.is_empty());
        assert_eq!(Arc::strong_count(&outbox), 1, "nothing of a connection stays behind");
        hub.close().await;
    }
}
