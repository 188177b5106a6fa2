//! Keeps the views in memory at the end of the feed.

use std::time::Duration;

use api::App;
use model::Sequence;
use node::{FeedEnd, Node, Subscription};
use tokio::task::JoinSet;

/// How long the past of the markets is waited for after a reload: beyond it SQL has other troubles.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Applies every batch until the node stops. A reader that fell behind loads a fresh image and goes on.
pub(super) async fn follow(app: App, node: Node, mut feed: Subscription) {
    let mut past = JoinSet::new();
    loop {
        let fresh = match feed.recv().await {
            Ok(batch) => match app.apply(&batch) {
                Ok(()) => continue,
                Err(error) => {
                    tracing::error!(%error, "the views do not follow the events: they are loaded anew");
                    true
                }
            },
            Err(FeedEnd::FellBehind(batches)) => {
                tracing::warn!(batches, "the views fell behind the engine: they are loaded anew");
                true
            }
            Err(FeedEnd::Stopped) => false,
        };
        if !fresh {
            return;
        }
        metrics::counter!("rialto_views_reloaded_total").increment(1);
        // What waits for an older image is dropped.
        past.shutdown().await;
        feed = match super::load_views(&app, &node).await {
            Ok(feed) => feed,
            Err(error) => {
                tracing::error!(%error, "the views cannot be loaded: reads answer that they are behind");
                return;
            }
        };
        past.spawn(restore_past(app.clone(), app.market_data.sequence()));
    }
}

/// Gives the markets the trades and candles from before an image, once SQL holds all that the image held.
async fn restore_past(app: App, image: Sequence) {
    if app.progress.wait_for(image, PATIENCE).await {
        super::projector::load_history(&app).await;
    }
}
