//! The state that every operation works on, and its upkeep from the journal's batches.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use coins::Coins;
use identity::ApiKeys;
use limits::Limits;
use marketdata::MarketData;
use markettime::Schedules;
use model::{Batch, Command, Envelope, Event, Image, OrderId, Receipt, Sequence};
use projections::{History, Live, Progress};
use runtime::clock::Clock;
use runtime::config::Http;
use runtime::entropy::Random;
use runtime::health::Health;
use runtime::telemetry::Metrics;
use tokio::sync::watch;
use transfers::Transfers;

use crate::binance::listen_keys::ListenKeys;
use crate::binance::ws::Hub;
use crate::ports::Exchange;
use crate::{Error, Reply};

/// How long a read waits until the views in memory hold what was acknowledged before it.
const VIEWS_WAIT: Duration = Duration::from_secs(2);
/// How long a read of history waits until SQL holds what was acknowledged before it.
const HISTORY_WAIT: Duration = Duration::from_secs(1);

/// What the program hands over at its start.
#[derive(Debug)]
pub struct Parts {
    /// The sequencer.
    pub exchange: Arc<dyn Exchange>,
    /// Books, trades, candles.
    pub market_data: MarketData,
    /// Balances and orders of accounts, in memory.
    pub live: Live,
    /// Orders and trades of accounts, in SQL.
    pub history: History,
    /// How far SQL is.
    pub progress: Progress,
    /// Transfers between accounts, as they were asked for.
    pub transfers: Transfers,
    /// API keys.
    pub keys: Arc<ApiKeys>,
    /// What is told of assets.
    pub coins: Coins,
    /// When markets trade.
    pub schedules: Schedules,
    /// Time of day and of waiting.
    pub clock: Arc<dyn Clock>,
    /// Ids that nobody can guess.
    pub random: Arc<dyn Random>,
    /// Limits of the server.
    pub http: Http,
    /// What addresses and accounts have used.
    pub limits: Limits,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// What `/readyz` says.
    pub health: Health,
    /// What the native API works with.
    pub native: crate::native::Parts,
}

/// The state behind every operation. A clone is a pointer.
#[derive(Debug, Clone)]
pub struct App(Arc<State>);

/// What an [`App`] points to.
#[derive(Debug)]
pub struct State {
    /// What the program handed over.
    pub parts: Parts,
    /// Market and user streams.
    pub hub: Hub,
    /// Names under which accounts' events may be listened to.
    pub listen_keys: ListenKeys,
    /// Highest sequence whose receipt somebody was given.
    acknowledged: AtomicU64,
    /// Highest sequence that the views in memory hold.
    applied: watch::Sender<Sequence>,
}

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl App {
    /// The state, with views as the program handed them over (loaded or empty).
    pub fn new(parts: Parts) -> Self {
        let sequence = parts.live.sequence();
        let hub = Hub::new(parts.market_data.clone(), parts.clock.clone());
        let applied = watch::Sender::new(sequence);
        let acknowledged = AtomicU64::new(sequence.0);
        Self(Arc::new(State { parts, hub, listen_keys: ListenKeys::default(), acknowledged, applied }))
    }

    /// Replaces the views in memory by an image: at the start, and after [`App::apply`] failed.
    ///
    /// Only one task may call this and [`App::apply`].
    ///
    /// # Errors
    /// [`ApplyError`] when the image contradicts itself: the state cannot be shown.
    pub fn load(&self, image: &Image) -> Result<(), ApplyError> {
        self.market_data.load(image);
        self.live.load(image)?;
        self.hub.reload();
        // What is durable was acknowledged, by an earlier process too: SQL may still have to follow.
        self.acknowledged.fetch_max(image.sequence.0, Ordering::AcqRel);
        self.applied.send_replace(image.sequence);
        Ok(())
    }

    /// Brings the views in memory forward by one batch and publishes what changed.
    ///
    /// Only one task may call this and [`App::load`].
    ///
    /// # Errors
    /// [`ApplyError`] when a batch is missing or contradicts a view: load a fresh image.
    pub fn apply(&self, batch: &Batch) -> Result<(), ApplyError> {
        let Some(last) = batch.last_sequence() else { return Ok(()) };
        self.take_back_orders_that_trade(batch);
        self.live.apply(batch)?;
        let changes = self.market_data.apply(batch)?;
        self.hub.publish(&changes);
        self.applied.send_replace(last);
        Ok(())
    }

    /// Orders that trade do not count against the limit of orders: the first fill of an order takes one back, and five when it has
    /// waited in the book (page "Spot Unfilled Order Count Rules"). Must be called before the views hold the batch.
    fn take_back_orders_that_trade(&self, batch: &Batch) {
        if !self.limits.rules().limits_orders() {
            return;
        }
        let now = self.now().0;
        let mut seen: HashSet<OrderId> = HashSet::new();
        for event in &batch.events {
            let Event::Trade(trade) = event else { continue };
            let sides = [(trade.taker_account, trade.taker_order, 1), (trade.maker_account, trade.maker_order, 5)];
            for (account, order, orders) in sides {
                let traded_before =
                    || self.live.order(account, order).is_some_and(|order| order.executed.is_positive());
                if seen.insert(order) && !traded_before() {
                    self.limits.traded(account.0, orders, now);
                }
            }
        }
    }

    /// SQL holds everything up to here: what is kept in memory only until then may go.
    pub fn projected(&self, sequence: Sequence) {
        self.live.forget_until(sequence);
    }

    /// Sends a client's command and waits for its durable receipt.
    ///
    /// # Errors
    /// [`Error::Busy`] when nothing happened; [`Error::Stopped`] when the outcome is not known.
    pub async fn submit(&self, command: Command) -> Result<Receipt, Error> {
        self.send(Envelope::client(command)).await
    }

    /// Sends a command, of a source or without one, and waits for its durable receipt.
    ///
    /// # Errors
    /// As [`App::submit`].
    pub async fn send(&self, envelope: Envelope) -> Result<Receipt, Error> {
        let receipt = self.exchange.submit(envelope).await?;
        if let Some(step) = receipt.step() {
            self.acknowledged.fetch_max(step.sequence.0, Ordering::AcqRel);
        }
        Ok(receipt)
    }

    /// Waits until the views in memory hold everything that was acknowledged to anybody before this call.
    ///
    /// # Errors
    /// [`Error::Behind`] after two seconds.
    pub async fn caught_up(&self) -> Result<(), Error> {
        self.applied(Sequence(self.acknowledged.load(Ordering::Acquire))).await
    }

    /// Waits until the views in memory hold a sequence.
    ///
    /// # Errors
    /// [`Error::Behind`] after two seconds.
    pub async fn applied(&self, sequence: Sequence) -> Result<(), Error> {
        if *self.applied.borrow() >= sequence {
            return Ok(());
        }
        let mut applied = self.applied.subscribe();
        match tokio::time::timeout(VIEWS_WAIT, applied.wait_for(|held| *held >= sequence)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Error::Behind),
        }
    }

    /// Waits, at most a second, until SQL holds everything that was acknowledged before this call; says by how many positions
    /// it lies behind if it does not.
    pub async fn history_lag(&self) -> Option<u64> {
        let wanted = Sequence(self.acknowledged.load(Ordering::Acquire));
        if self.progress.sequence() >= wanted || self.progress.wait_for(wanted, HISTORY_WAIT).await {
            return None;
        }
        Some(wanted.0.saturating_sub(self.progress.sequence().0))
    }

    /// Microseconds since 1970 by the program's clock.
    pub fn now(&self) -> model::Timestamp {
        model::Timestamp(self.clock.now_us())
    }
}

/// A view could not follow a batch.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Market data could not.
    #[error(transparent)]
    MarketData(#[from] marketdata::Error),
    /// Balances and orders could not.
    #[error(transparent)]
    Live(#[from] projections::FollowError),
}

impl Reply {
    /// The same answer, with how far behind it is.
    pub const fn behind(mut self, lag: Option<u64>) -> Self {
        self.lag = lag;
        self
    }
}
