//! Keeps the views in memory at the end of the feed.

use api::App;
use node::{FeedEnd, Node, Subscription};

/// Applies every batch until the node stops. A reader that fell behind loads a fresh image and goes on.
pub(super) async fn follow(app: App, node: Node, mut feed: Subscription) {
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
        feed = match super::load_views(&app, &node).await {
            Ok(feed) => feed,
            Err(error) => {
                tracing::error!(%error, "the views cannot be loaded: reads answer that they are behind");
                return;
            }
        };
    }
}
