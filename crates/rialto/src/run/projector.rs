//! Carries the journal into SQL: a follower replica makes the events again, the projector writes them.
//!
//! It all happens on threads of low priority: when the processors are busy, orders come first and history follows later.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use api::App;
use model::{Batch, Sequence};
use node::{Follower, Node};
use projections::{Progress, Projector};
use runtime::config::Settings;
use runtime::health::Component;
use tokio::sync::{mpsc, oneshot};

use crate::settings::open_database;

/// Batches that wait between the follower's thread and the writer.
const AHEAD: usize = 2;
/// How long the follower waits for something new before it looks whether the node has stopped.
const WAIT: Duration = Duration::from_millis(200);
/// Pauses between attempts when the database does not take the rows.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];
/// Niceness of the threads: about a thirtieth of the share of a thread of normal priority.
const NICENESS: i32 = 15;

/// What the projector needs once the rest stands.
pub(super) struct Work {
    /// The state whose markets get their past, and which may forget what SQL holds.
    pub(super) app: App,
    /// What is followed.
    pub(super) node: Node,
    /// The journal's end at the start: what must be in SQL before the markets' past is whole.
    pub(super) until: Sequence,
    /// Its state in `/readyz`.
    pub(super) health: Component,
    /// Told when the past is loaded.
    pub(super) loaded: oneshot::Sender<()>,
}

/// A projector that has opened the database and waits for its work.
pub(super) struct Waiting {
    /// How far SQL is.
    pub(super) progress: Progress,
    work: oneshot::Sender<Work>,
    ended: oneshot::Receiver<()>,
}

impl Waiting {
    /// Opens the database on threads of its own and refuses one that has seen more than the journal holds.
    pub(super) async fn open(settings: &Settings, journal: Sequence) -> anyhow::Result<Self> {
        let (opened, progress) = oneshot::channel();
        let (work, waiting) = oneshot::channel();
        let (done, ended) = oneshot::channel();
        let settings = settings.clone();
        thread::Builder::new().name("rialto-history".to_owned()).spawn(move || {
            let _done: oneshot::Sender<()> = done;
            run(&settings, journal, opened, waiting);
        })?;
        let progress = progress.await.context("the thread of the projections ended")??;
        Ok(Self { progress, work, ended })
    }

    /// Gives it its work; resolves when the node has stopped and everything is written.
    pub(super) async fn follow(self, work: Work) {
        if self.work.send(work).is_err() {
            tracing::error!("the thread of the projections has ended before its work");
        }
        // The sender is dropped, not used.
        let _ = self.ended.await;
    }
}

/// The body of the projector's thread. Threads that it starts, the database's among them, inherit its priority.
fn run(
    settings: &Settings,
    journal: Sequence,
    opened: oneshot::Sender<anyhow::Result<Progress>>,
    work: oneshot::Receiver<Work>,
) {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "the projections keep the normal priority");
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // A start that has given up does not listen.
            let _ = opened.send(Err(error.into()));
            return;
        }
    };
    runtime.block_on(async {
        let projector = match open(settings, journal).await {
            Ok(projector) => projector,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        let _ = opened.send(Ok(projector.progress()));
        if let Ok(work) = work.await {
            follow(work, projector, settings).await;
        }
    });
}

async fn open(settings: &Settings, journal: Sequence) -> anyhow::Result<Projector> {
    let projector = Projector::open(open_database(settings).await?).await?;
    let checkpoint = projector.checkpoint();
    // A database that holds more than the journal belongs to another journal, or the journal lost its end.
    anyhow::ensure!(
        checkpoint <= journal,
        "the database has followed the journal to command {checkpoint}, but the journal ends at {journal}: \
         restore the journal that belongs to this database, or, if the shorter journal is the right one, \
         run `rialto projections rebuild`"
    );
    Ok(projector)
}

/// Follows the journal until the node has stopped and everything is written.
async fn follow(work: Work, mut projector: Projector, settings: &Settings) {
    let Work { app, node, until, health, loaded } = work;
    let after = projector.checkpoint();
    let (most, pause) = (settings.projections.batch_commands, settings.projections.flush_interval());
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(&node, after, most, pause, &sender));
    let mut waiting = Some(loaded);
    loop {
        if let Some(loaded) = waiting.take_if(|_| projector.checkpoint() >= until) {
            load_history(&app).await;
            health.ready();
            // Nobody waits any more when the catching up took long.
            let _ = loaded.send(());
        }
        let Some(batch) = batches.recv().await else { break };
        if !write(&app, &mut projector, batch).await {
            return;
        }
    }
    match reading.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the projections cannot follow the journal; history falls behind"),
        Err(error) => tracing::error!(%error, "the follower of the projections ended by a panic"),
    }
}

fn read(
    node: &Node,
    after: Sequence,
    most: usize,
    pause: Duration,
    sender: &mpsc::Sender<Arc<Batch>>,
) -> Result<(), node::Error> {
    let mut follower: Follower = node.follow(after)?;
    loop {
        let ended = follower.is_at_end();
        let batch = follower.take(most)?;
        let taken = batch.steps.len();
        if taken == 0 {
            if ended {
                return Ok(());
            }
            follower.wait(WAIT);
            continue;
        }
        if sender.blocking_send(Arc::new(batch)).is_err() {
            return Ok(());
        }
        if taken < most {
            thread::sleep(pause);
        }
    }
}

/// Writes a batch, trying again while the database is away. `false` when it cannot be written at all.
async fn write(app: &App, projector: &mut Projector, batch: Arc<Batch>) -> bool {
    let batches = [batch];
    for attempt in 0.. {
        match projector.apply(&batches).await {
            Ok(sequence) => {
                app.projected(sequence);
                return true;
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, attempt, "the database did not take the projections; they are tried again");
                tokio::time::sleep(PAUSES[usize::min(attempt, PAUSES.len() - 1)]).await;
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    "the projections stop: history is no longer written; `rialto projections rebuild` makes it anew"
                );
                return false;
            }
        }
    }
    false
}

/// Gives the markets their past from SQL, once after each load of the views.
pub(super) async fn load_history(app: &App) {
    for view in app.market_data.markets() {
        let market = view.market.id;
        match app.history.market_history(market, view.history_boundary()).await {
            Ok(history) => {
                app.market_data.load_history(market, &history);
            }
            Err(error) => {
                tracing::warn!(%error, %market, "trades and candles from before the start are not shown");
                // They go on without their past, instead of waiting for it.
                app.market_data.load_history(market, &marketdata::History::default());
            }
        }
    }
}
