//! The hub: who listens to which market stream.
//!
//! [`Hub::publish`] is called by the task that follows the journal. It only notes what happened; a task of the hub's own
//! ([`publisher`]) writes messages and hands them to the subscribers' buffers ([`Outbox`]), so that ten thousand subscribers cost that
//! task no time. Books, candles and figures are not noted at all: every 100 ms the hub asks each stream that has a subscriber and is
//! due for what it has to show ([`Source`]).
//!
//! A message to ten thousand sockets keeps the processors busy for tens of milliseconds, and a trade that happens then waits behind it.
//! So the very many who listen to one such stream are told in up to [`PHASES`] groups, one after the other within the 100 ms.

mod publisher;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use marketdata::{Changes, MarketData, PublicTrade};
use model::{MarketId, Timestamp};
use parking_lot::Mutex;
use runtime::clock::Clock;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::all::AllSource;
use super::name::{AllKind, Channel, Kind};
use super::source::Source;
use crate::binance::ws::close::CloseReason;
use crate::binance::ws::outbox::Outbox;

/// Trades that may wait for the publishing task. Beyond it the listeners to trades are disconnected, and told why.
const MAX_PENDING_TRADES: usize = 100_000;
/// Groups at most of those who listen to one stream, and parts of 100 ms: each group has its own.
const PHASES: u8 = 8;
/// Listeners of one stream beyond which another group is formed. Each group costs one more message written.
const GROUP: usize = 1_024;
/// How long [`Hub::close`] waits for the connections to end.
const CLOSE_LIMIT: Duration = Duration::from_secs(6);

/// Who listens to which market stream. A clone is a pointer.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    market_data: MarketData,
    clock: Arc<dyn Clock>,
    streams: Mutex<Streams>,
    pending: Mutex<Pending>,
    /// Something is pending.
    wake: Notify,
    /// Streams of trades, and of best bids and asks, that have a subscriber.
    trade_streams: AtomicUsize,
    top_streams: AtomicUsize,
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
    /// There are new markets.
    listed: bool,
    /// Trades were lost, since too many waited.
    overflowed: bool,
}

/// The streams that have a subscriber.
#[derive(Debug, Default)]
struct Streams {
    live: HashMap<Phased, Stream>,
    /// Those of markets that are not listed: nobody has to look at them until one is.
    waiting: HashMap<Channel, Subscribers>,
}

/// A stream, and which group of those who listen to it.
type Phased = (Channel, u8);

/// One stream with at least one subscriber, or a group of them.
#[derive(Debug)]
struct Stream {
    name: Arc<str>,
    feed: Feed,
    /// In order of the connections' numbers. Shared with a publication that is under way.
    subscribers: Subscribers,
}

/// Where a stream's messages come from.
#[derive(Debug)]
enum Feed {
    One(Box<Source>),
    All(AllSource),
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
            top_streams: AtomicUsize::new(0),
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
        let tops = !changes.tops.is_empty() && self.0.top_streams.load(Ordering::Acquire) > 0;
        let listed = !changes.listed.is_empty();
        if !trades && !tops && !listed {
            return;
        }
        let mut pending = self.0.pending.lock();
        pending.listed |= listed;
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
        for ((channel, _), stream) in &mut self.0.streams.lock().live {
            let (Channel::Market(symbol, kind), Feed::One(source)) = (channel, &mut stream.feed) else { continue };
            source.greet();
            let Some(cursor) = source.cursor() else { continue };
            let view = self.0.market_data.market(symbol.as_str());
            if view.as_ref().is_none_or(|view| !Arc::ptr_eq(cursor.view(), view)) {
                if let Some(view) = view {
                    **source = Source::new(*kind, &view);
                }
                fail_all(&stream.subscribers);
            }
        }
        let mut pending = self.0.pending.lock();
        pending.listed = true;
        pending.trades.clear();
        pending.overflowed = self.0.trade_streams.load(Ordering::Acquire) > 0;
        if self.0.top_streams.load(Ordering::Acquire) > 0 {
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

    /// Lets a connection listen to a stream. What changes from now on reaches it, and of what shows a state at a pace its present one.
    /// Once per connection and stream.
    pub(crate) fn subscribe(&self, channel: Channel, outbox: &Arc<Outbox>) {
        self.start();
        let mut guard = self.0.streams.lock();
        let streams = &mut *guard;
        let phased = (channel, streams.phase_for(channel, outbox.id()));
        let subscribers = match streams.live.get_mut(&phased) {
            Some(stream) => {
                stream.greet();
                &mut stream.subscribers
            }
            None => match self.0.open(channel) {
                Some(stream) => {
                    self.0.count(channel, true);
                    &mut streams.live.entry(phased).or_insert(stream).subscribers
                }
                None => streams.waiting.entry(channel).or_default(),
            },
        };
        let subscribers = Arc::make_mut(subscribers);
        if let Err(place) = subscribers.binary_search_by_key(&outbox.id(), |other| other.id()) {
            subscribers.insert(place, Arc::clone(outbox));
        }
    }

    /// Ends a subscription. A message that is being published may still come.
    pub(crate) fn unsubscribe(&self, channel: Channel, outbox: &Outbox) {
        let mut guard = self.0.streams.lock();
        let streams = &mut *guard;
        if let Some(subscribers) = streams.waiting.get_mut(&channel) {
            leave(subscribers, outbox);
            if subscribers.is_empty() {
                streams.waiting.remove(&channel);
            }
        }
        let Some(phase) = streams.phase_of(channel, outbox.id()) else { return };
        if let Some(stream) = streams.live.get_mut(&(channel, phase)) {
            leave(&mut stream.subscribers, outbox);
            if stream.subscribers.is_empty() {
                streams.live.remove(&(channel, phase));
                self.0.count(channel, false);
            }
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
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_us())
    }

    /// The stream without a subscriber; `None` while its market is not listed.
    fn open(&self, channel: Channel) -> Option<Stream> {
        let feed = match channel {
            Channel::Market(symbol, kind) => {
                Feed::One(Box::new(Source::new(kind, &self.market_data.market(symbol.as_str())?)))
            }
            Channel::All(kind, _) => Feed::All(AllSource::new(kind)),
        };
        Some(Stream { name: channel.to_string().into(), feed, subscribers: Subscribers::default() })
    }

    /// Streams are told by what happens only while somebody listens.
    fn count(&self, channel: Channel, more: bool) {
        let count = match channel {
            Channel::Market(_, Kind::Trade | Kind::AggTrade) => &self.trade_streams,
            Channel::Market(_, Kind::BookTicker) | Channel::All(AllKind::BookTicker, _) => &self.top_streams,
            Channel::Market(..) | Channel::All(..) => return,
        };
        if more {
            count.fetch_add(1, Ordering::AcqRel);
        } else {
            count.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Streams {
    /// The group in which the connection listens to the stream.
    fn phase_of(&self, channel: Channel, connection: u64) -> Option<u8> {
        let listens =
            |stream: &Stream| stream.subscribers.binary_search_by_key(&connection, |other| other.id()).is_ok();
        (0..PHASES).find(|phase| self.live.get(&(channel, *phase)).is_some_and(listens))
    }

    /// The group in which it listens, or shall: the first that is not full, else the smallest.
    fn phase_for(&self, channel: Channel, connection: u64) -> u8 {
        if !channel.is_paced() {
            return 0;
        }
        let size = |phase: u8| self.live.get(&(channel, phase)).map_or(0, |stream| stream.subscribers.len());
        let free = || (0..PHASES).find(|phase| size(*phase) < GROUP);
        let smallest = || (0..PHASES).min_by_key(|phase| size(*phase));
        self.phase_of(channel, connection).or_else(free).or_else(smallest).unwrap_or(0)
    }
}

impl Stream {
    /// Somebody new listens.
    fn greet(&mut self) {
        if let Feed::One(source) = &mut self.feed {
            source.greet();
        }
    }
}

fn leave(subscribers: &mut Subscribers, outbox: &Outbox) {
    let subscribers = Arc::make_mut(subscribers);
    if let Ok(place) = subscribers.binary_search_by_key(&outbox.id(), |other| other.id()) {
        subscribers.remove(place);
    }
}

fn fail_all(subscribers: &[Arc<Outbox>]) {
    for outbox in subscribers {
        outbox.fail(CloseReason::Resync);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use marketdata::{Changes, PublicTrade};
    use model::{Amount, MarketId, OrderId, Price, Quantity, Side, Symbol, Timestamp, TradeId};
    use runtime::clock::ManualClock;

    use super::{GROUP, Hub, MAX_PENDING_TRADES, PHASES};
    use crate::binance::TimeUnit;
    use crate::binance::ws::close::CloseReason;
    use crate::binance::ws::outbox::{Outbox, Outgoing};
    use crate::binance::ws::streams::name::{AllKind, Channel, Kind, Pace};
    use crate::binance::ws::streams::{Form, samples};

    const RAW: Form = Form { combined: false, units: TimeUnit::Millisecond };

    fn channel(kind: Kind) -> Channel {
        Channel::Market(Symbol::new("ETHUSDT").unwrap(), kind)
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
        hub.subscribe(channel(Kind::Depth(Pace::Plain)), &other);
        // One thread: the publishing task cannot run in between.
        hub.publish(&trades(0..MAX_PENDING_TRADES as u64));
        hub.publish(&trades(0..1));
        assert_eq!(listener.failed().await, CloseReason::Resync);
        assert!(!other.is_broken());
        hub.close().await;
    }

    #[tokio::test]
    async fn very_many_are_told_in_groups_and_each_once() {
        let hub = hub();
        let many: Vec<_> =
            (0..usize::from(PHASES) * GROUP + 16).map(|_| Outbox::new(hub.next_connection(), 10, RAW)).collect();
        for outbox in &many {
            hub.subscribe(channel(Kind::Levels(5, Pace::Ms100)), outbox);
            hub.subscribe(channel(Kind::Levels(5, Pace::Ms100)), outbox);
        }
        let sizes: Vec<usize> = hub.0.streams.lock().live.values().map(|stream| stream.subscribers.len()).collect();
        assert_eq!((sizes.len(), sizes.iter().sum()), (usize::from(PHASES), many.len()));
        assert!(sizes.iter().all(|size| (GROUP..=GROUP + 2).contains(size)), "{sizes:?}");
        // Each sees the book as it is.
        let mut batch = Vec::new();
        for outbox in &many {
            tokio::time::timeout(Duration::from_secs(10), outbox.take(&mut batch)).await.unwrap();
            assert_eq!(batch.drain(..).count(), 1);
        }
        for outbox in &many {
            hub.unsubscribe(channel(Kind::Levels(5, Pace::Ms100)), outbox);
            assert_eq!(Arc::strong_count(outbox), 1, "nothing of a connection stays behind");
        }
        assert!(hub.0.streams.lock().live.is_empty());
        hub.close().await;
    }

    #[tokio::test]
    async fn nothing_is_kept_for_streams_without_subscribers() {
        let hub = hub();
        hub.publish(&trades(0..10));
        assert!(hub.0.pending.lock().trades.is_empty());
        let outbox = Outbox::new(1, 10, RAW);
        for channel in [
            channel(Kind::Trade),
            channel(Kind::AggTrade),
            channel(Kind::Depth(Pace::Plain)),
            channel(Kind::BookTicker),
            Channel::All(AllKind::BookTicker, Pace::Plain),
            Channel::Market(Symbol::new("NOTHING").unwrap(), Kind::Trade),
        ] {
            hub.subscribe(channel, &outbox);
            hub.subscribe(channel, &outbox);
            hub.unsubscribe(channel, &outbox);
        }
        assert!(hub.0.streams.lock().live.is_empty() && hub.0.streams.lock().waiting.is_empty());
        hub.publish(&trades(0..10));
        assert!(hub.0.pending.lock().trades.is_empty());
        assert_eq!(Arc::strong_count(&outbox), 1, "nothing of a connection stays behind");
        hub.close().await;
    }
}
