//! Carries the journal into SQL: a follower replica makes the events again, the projector writes them.

use std::sync::Arc;
use std::time::Duration;

use api::App;
use model::{Batch, Sequence};
use node::{Follower, Node};
use projections::Projector;
use runtime::config::Projections;
use runtime::health::Component;
use tokio::sync::{mpsc, oneshot};

/// Batches that wait between the follower's thread and the writer.
const AHEAD: usize = 2;
/// How long the follower waits for something new before it looks whether the node has stopped.
const WAIT: Duration = Duration::from_millis(200);
/// Pauses between attempts when the database does not take the rows.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// A database that holds more than the journal belongs to another journal, or the journal lost its end.
pub(super) fn refuse_database_ahead(projector: &Projector, journal: Sequence) -> anyhow::Result<()> {
    let checkpoint = projector.checkpoint();
    anyhow::ensure!(
        checkpoint <= journal,
        "the database has followed the journal to command {checkpoint}, but the journal ends at {journal}: \
         restore the journal that belongs to this database, or, if the shorter journal is the right one, \
         run `rialto projections rebuild`"
    );
    Ok(())
}

/// What the start waits for, and what `/readyz` shows until then.
pub(super) struct Past {
    /// The journal's end at the start: what must be in SQL before the markets' past is whole.
    pub(super) until: Sequence,
    /// Its state in `/readyz`.
    pub(super) health: Component,
    /// Told when the past is loaded.
    pub(super) loaded: oneshot::Sender<()>,
}

/// Follows the journal until the node has stopped and everything is written.
pub(super) async fn follow(app: App, node: Node, mut projector: Projector, settings: Projections, past: Past) {
    let after = projector.checkpoint();
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(&node, after, settings.batch_rows, &sender));
    let mut past = Some(past);
    loop {
        if let Some(past) = past.take_if(|past| projector.checkpoint() >= past.until) {
            load_history(&app).await;
            past.health.ready();
            // Nobody waits any more when the catching up took long.
            let _ = past.loaded.send(());
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

fn read(node: &Node, after: Sequence, most: usize, sender: &mpsc::Sender<Arc<Batch>>) -> Result<(), node::Error> {
    let mut follower: Follower = node.follow(after)?;
    loop {
        let ended = follower.is_at_end();
        let batch = follower.take(most)?;
        if batch.steps.is_empty() {
            if ended {
                return Ok(());
            }
            follower.wait(WAIT);
        } else if sender.blocking_send(Arc::new(batch)).is_err() {
            return Ok(());
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
                tracing::error!(%error, "the projections stop: history is no longer written; `rialto projections rebuild` makes it anew");
                return false;
            }
        }
    }
    false
}

/// Gives the markets their past from SQL, once.
async fn load_history(app: &App) {
    for view in app.market_data.markets() {
        let market = view.market.id;
        match app.history.market_history(market, view.history_boundary()).await {
            Ok(history) => {
                app.market_data.load_history(market, &history);
            }
            Err(error) => tracing::warn!(%error, %market, "trades and candles from before the start are not shown"),
        }
    }
}
