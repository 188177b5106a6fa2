//! The task that publishes: at once what happened, and every 100 ms what streams have to show.

use std::sync::Arc;
use std::time::Duration;

use marketdata::{PublicTrade, aggregate};
use model::{MarketId, Timestamp};
use tokio::time::{MissedTickBehavior, interval};

use super::{Feed, Inner, PHASES, Phased, Source, Stream, Streams, Subscribers, fail_all};
use crate::binance::ws::outbox::Outbox;
use crate::binance::ws::streams::message::Published;
use crate::binance::ws::streams::name::{AllKind, Channel, Kind, Pace};
use crate::binance::ws::streams::payload::{Content, Payload};
use crate::binance::ws::streams::source::Tick;

/// The shortest pace of a stream. Each group of listeners has its part of it.
const TICK: Duration = Duration::from_millis(100);
/// Hand-overs after which the publishing task lets others run.
const YIELD_AFTER: usize = 4_096;
/// Streams that are asked for news before those who subscribe get their turn.
const POLL_AT_ONCE: usize = 64;

impl Inner {
    pub(super) async fn run(self: Arc<Self>) {
        let mut beats = interval(TICK / u32::from(PHASES));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut number, mut phase) = (1, 0);
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = self.wake.notified() => self.publish_pending().await,
                _ = beats.tick() => {
                    // Read in this order: what is known later than `known` is no older than it.
                    let known = self.market_data.time();
                    self.publish_due(Tick::new(number, self.now(), known), phase).await;
                    phase = (phase + 1) % PHASES;
                    number += u64::from(phase == 0);
                }
            }
        }
    }

    async fn publish_pending(&self) {
        let pending = std::mem::take(&mut *self.pending.lock());
        let now = self.now();
        let mut effort = Effort::default();
        if pending.listed {
            self.list();
        }
        if pending.overflowed {
            self.disconnect(|kind| matches!(kind, Kind::Trade | Kind::AggTrade));
        }
        for run in pending.trades.chunk_by(|left, right| left.market == right.market) {
            let Some(market) = run.first().map(|trade| trade.market) else { continue };
            self.publish_trades(market, run, now, &mut effort).await;
        }
        for market in pending.tops {
            let Some(view) = self.market_data.market_by_id(market) else { continue };
            let top = view.book_ticker();
            let one = Channel::Market(view.market.symbol, Kind::BookTicker);
            for channel in [one, Channel::All(AllKind::BookTicker, Pace::Plain)] {
                if let Some((name, subscribers)) = self.listeners(channel) {
                    let payload = Payload { view: Arc::clone(&view), content: Content::BookTicker(top), time: now };
                    effort.hand_over(&subscribers, &Published::new(&name, payload)).await;
                }
            }
        }
    }

    /// Publishes trades of one market: all that its commands made, so that aggregates are whole.
    async fn publish_trades(&self, market: MarketId, trades: &[PublicTrade], now: Timestamp, effort: &mut Effort) {
        let Some(view) = self.market_data.market_by_id(market) else { return };
        if let Some((name, subscribers)) = self.listeners(Channel::Market(view.market.symbol, Kind::Trade)) {
            for trade in trades {
                let payload = Payload { view: Arc::clone(&view), content: Content::Trade(*trade), time: now };
                effort.hand_over(&subscribers, &Published::new(&name, payload)).await;
            }
        }
        if let Some((name, subscribers)) = self.listeners(Channel::Market(view.market.symbol, Kind::AggTrade)) {
            for trade in aggregate(trades) {
                let payload = Payload { view: Arc::clone(&view), content: Content::AggTrade(trade), time: now };
                effort.hand_over(&subscribers, &Published::new(&name, payload)).await;
            }
        }
    }

    /// Publishes to one group of listeners what is due at a tick.
    async fn publish_due(&self, tick: Tick, phase: u8) {
        let due: Vec<Phased> = {
            let streams = self.streams.lock();
            let of_group = streams.live.iter().filter(|((_, other), _)| *other == phase);
            of_group.filter(|((channel, _), stream)| stream.is_due(*channel, &tick)).map(|(it, _)| *it).collect()
        };
        let mut effort = Effort::default();
        let mut ready = Vec::new();
        for some in due.chunks(POLL_AT_ONCE) {
            {
                let mut streams = self.streams.lock();
                for phased in some {
                    self.poll(&mut streams, *phased, &tick, &mut ready);
                }
            }
            for (subscribers, message) in ready.drain(..) {
                effort.hand_over(&subscribers, &message).await;
            }
        }
    }

    fn poll(&self, streams: &mut Streams, phased: Phased, tick: &Tick, ready: &mut Vec<(Subscribers, Arc<Published>)>) {
        let Some(stream) = streams.live.get_mut(&phased) else { return };
        match (&mut stream.feed, phased.0) {
            (Feed::One(source), Channel::Market(symbol, kind)) => {
                let Some(view) = self.market_data.market(symbol.as_str()) else { return };
                let mut news = Vec::new();
                if source.poll(&view, tick, &mut news).is_err() {
                    **source = Source::new(kind, &view);
                    fail_all(&stream.subscribers);
                }
                for content in news {
                    let payload = Payload { view: Arc::clone(&view), content, time: tick.now };
                    ready.push((Arc::clone(&stream.subscribers), Published::new(&stream.name, payload)));
                }
            }
            (Feed::All(source), Channel::All(..)) => {
                let changed = source.poll(&self.market_data, tick);
                if !changed.is_empty() {
                    ready.push((Arc::clone(&stream.subscribers), Published::array(&stream.name, changed)));
                }
            }
            (Feed::One(_), Channel::All(..)) | (Feed::All(_), Channel::Market(..)) => {}
        }
    }

    /// Brings the streams of markets that are listed by now to life.
    fn list(&self) {
        let mut guard = self.streams.lock();
        let streams = &mut *guard;
        streams.waiting.retain(|channel, subscribers| {
            let Some(stream) = self.open(*channel) else { return true };
            self.count(*channel, true);
            streams.live.insert((*channel, 0), Stream { subscribers: Arc::clone(subscribers), ..stream });
            false
        });
    }

    /// Those who listen to a stream that is told by what happens; they are one group.
    fn listeners(&self, channel: Channel) -> Option<(Arc<str>, Subscribers)> {
        let streams = self.streams.lock();
        let stream = streams.live.get(&(channel, 0))?;
        Some((Arc::clone(&stream.name), Arc::clone(&stream.subscribers)))
    }

    fn disconnect(&self, affected: impl Fn(Kind) -> bool) {
        for ((channel, _), stream) in &self.streams.lock().live {
            if matches!(channel, Channel::Market(_, kind) if affected(*kind)) {
                fail_all(&stream.subscribers);
            }
        }
    }
}

impl Stream {
    fn is_due(&self, channel: Channel, tick: &Tick) -> bool {
        match (&self.feed, channel) {
            (Feed::One(source), _) => source.is_due(tick),
            (Feed::All(_), Channel::All(_, pace)) => channel.is_paced() && tick.is_due(pace.ticks()),
            (Feed::All(_), Channel::Market(..)) => false,
        }
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
