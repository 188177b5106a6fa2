//! A node that trades by a seed under a clock of its own, the views of the door, and the tables.

use std::sync::Arc;

use api::binance::{Params, TimeUnit, market::get_klines};
use api::native::testing;
use api::ports::SubmitError;
use api::{App, Call, Parts};
use db::Db;
use db::testing::TestDb;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::ApiKeys;
use journal::RealDisk;
use marketdata::{Interval, MarketData, Ticker};
use model::{Batch, Envelope, MarketId, Receipt, Sequence, Timestamp};
use node::stepped::Stepped;
use node::{Config, Subscription};
use projections::{History, Live, Projector};
use runtime::clock::{Clock, ManualClock};
use runtime::config::Settings;
use runtime::entropy::SeededRandom;
use runtime::health::Health;
use runtime::secrets::SealingKey;
use runtime::telemetry::Metrics;
use serde_json::Value;
use simulator::{Random, Traffic};

use super::QUIET;
use super::log::Candle;

/// Commands that become durable together, and that the tables may lie behind.
const TOGETHER: usize = 64;
const MARKET: MarketId = MarketId(1);

/// Whether markets get their trades and candles from before a restart into memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Past {
    Loaded,
    Missing,
}

/// Nobody sends orders through the door.
#[derive(Debug)]
struct NoCommands;

impl api::ports::Exchange for NoCommands {
    fn submit(&self, _: Envelope) -> BoxFuture<'_, Result<Receipt, SubmitError>> {
        async { Err(SubmitError::Busy) }.boxed()
    }
}

pub(super) struct Exchange {
    folder: tempfile::TempDir,
    db: Db,
    clock: Arc<ManualClock>,
    traffic: Traffic,
    random: Random,
    node: Stepped,
    feed: Subscription,
    app: App,
    projector: Projector,
}

impl Exchange {
    pub(super) async fn open(test: &TestDb, now: u64) -> Self {
        let migrations = [projections::migrations(), identity::migrations()];
        db::migrate(&test.db, &migrations).await.unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let folder = tempfile::tempdir().unwrap();
        let (traffic, random) = (Traffic::new(11), Random::new(12));
        let mut exchange = Self::on(folder, test.db.clone(), clock, traffic, random, Past::Missing).await;
        let answer = exchange.node.submit(Traffic::opening());
        exchange.settle();
        drop(answer);
        exchange
    }

    async fn on(
        folder: tempfile::TempDir,
        db: Db,
        clock: Arc<ManualClock>,
        traffic: Traffic,
        random: Random,
        past: Past,
    ) -> Self {
        // Snapshots as in the program, so that restarts begin with one.
        let config = Config { snapshot_every_commands: 2_000, ..Config::new(folder.path()) };
        let (node, _) = Stepped::start_on(config, clock.clone(), Arc::new(RealDisk)).unwrap();
        let mut projector = Projector::open(db.clone()).await.unwrap();
        let (image, feed) = node.image_and_feed().unwrap();
        let app = app(&db, &projector, clock.clone()).await;
        app.load(&image).unwrap();
        if past == Past::Loaded {
            follow(&node, &mut projector, None).await;
            for view in app.market_data.markets() {
                let history = app.history.market_history(view.market.id, view.history_boundary()).await.unwrap();
                app.market_data.load_history(view.market.id, &history);
            }
        }
        Self { folder, db, clock, traffic, random, node, feed, app, projector }
    }

    /// Ends all but the files, and begins again from them.
    pub(super) async fn restart(self, past: Past) -> Self {
        let Self { folder, db, clock, traffic, random, node, feed, app, projector } = self;
        drop((node, feed, app, projector));
        Self::on(folder, db, clock, traffic, random, past).await
    }

    /// Trades until a time; the tables follow by fits and starts, and lie behind at the end.
    pub(super) async fn trade_until(&mut self, until: u64) {
        let mut queued = 0;
        while self.now().0 < until {
            let pause = self.pause().min(until - self.now().0);
            self.clock.advance_us(pause);
            if QUIET.contains(&self.now().0) {
                continue;
            }
            let answer = self.node.submit(vec![self.traffic.command()]);
            self.node.fill();
            drop(answer);
            queued += 1;
            if queued % TOGETHER == 0 {
                self.settle();
                if self.random.chance(300) {
                    follow(&self.node, &mut self.projector, Some(500)).await;
                }
            }
        }
        self.settle();
    }

    /// Many commands in one second, then nothing for a while.
    fn pause(&mut self) -> u64 {
        match self.random.below(100) {
            0..50 => self.random.below(200_000),
            50..95 => self.random.below(20_000_000),
            _ => self.random.below(120_000_000),
        }
    }

    /// Makes all durable and lets the views follow.
    fn settle(&mut self) {
        self.node.fill();
        while self.node.close() > 0 {
            self.node.write().unwrap();
            self.node.release();
            self.node.fill();
        }
        self.node.snapshot().unwrap();
        while let Some(batch) = self.feed.try_recv().unwrap() {
            self.traffic.observe(&batch.events);
            self.app.apply(&batch).unwrap();
        }
    }

    /// Lets the tables follow to the end.
    pub(super) async fn catch_up(&mut self) {
        follow(&self.node, &mut self.projector, None).await;
    }

    /// Empties the tables and makes them anew from the journal.
    pub(super) async fn rebuild(&mut self) {
        self.projector.clear().await.unwrap();
        assert_eq!(self.projector.checkpoint(), Sequence(0));
        self.catch_up().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.app.now()
    }

    pub(super) fn ticker(&self, now: Timestamp) -> Ticker {
        self.app.market_data.market_by_id(MARKET).unwrap().ticker(now)
    }

    /// What the door answers.
    pub(super) async fn klines(&self, interval: Interval, query: String) -> Vec<Candle> {
        let query = format!("symbol=LOTTICK&interval={}{query}", interval.as_str());
        let params = Params::parse(&query, "").unwrap();
        let call = Call { app: self.app.clone(), params, units: TimeUnit::Millisecond, caller: () };
        let reply = get_klines::handle(call).await.unwrap();
        assert_eq!(reply.lag, None, "{query}");
        let rows: Vec<Vec<Value>> = serde_json::from_str(&reply.body).unwrap();
        rows.into_iter().map(Candle).collect()
    }
}

/// Brings the tables forward: by one page of commands, or to the end.
async fn follow(node: &Stepped, projector: &mut Projector, page: Option<usize>) {
    let mut follower = node.follow(projector.checkpoint()).unwrap();
    loop {
        let batch: Batch = follower.take(page.unwrap_or(2_000)).unwrap();
        if batch.steps.is_empty() {
            return;
        }
        projector.apply(&[Arc::new(batch)]).await.unwrap();
        if page.is_some() {
            return;
        }
    }
}

/// Nobody comes near them.
const RULES: limits::Rules = limits::Rules {
    weight_per_minute: 1_000_000,
    orders_per_ten_seconds: 1_000,
    orders_per_day: 1_000,
    refusals_before_ban: 1_000,
    max_counted: 1_000,
};

async fn app(db: &Db, projector: &Projector, clock: Arc<ManualClock>) -> App {
    db::migrate(db, &testing::migrations()).await.unwrap();
    let random: Arc<dyn runtime::entropy::Random> = Arc::new(SeededRandom::new(13));
    let keys = Arc::new(ApiKeys::new(db.clone(), SealingKey::from_bytes(&[1; 32]), random.clone()));
    let time: Arc<dyn Clock> = clock.clone();
    App::new(Parts {
        native: Box::pin(testing::parts(db, &keys, &time, &random, &Arc::default())).await,
        exchange: Arc::new(NoCommands),
        market_data: MarketData::new(),
        live: Live::new(),
        history: History::new(db.clone()),
        progress: projector.progress(),
        transfers: transfers::Transfers::new(db.clone()),
        limits: limits::Limits::local(RULES),
        keys,
        coins: coins::Coins::new(db.clone()),
        schedules: markettime::Schedules::new(db.clone()),
        clock,
        random,
        http: Settings::defaults().http,
        metrics: Metrics::unregistered(),
        health: Health::new(),
    })
}
