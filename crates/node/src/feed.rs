//! The published batches, for any number of readers.

use std::sync::Arc;

use model::Batch;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Why a subscription gives no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeedEnd {
    /// The reader was too slow and missed batches: start anew with [`crate::Node::image_and_feed`].
    #[error("the reader fell behind by {0} batches; load an image and go on from it")]
    FellBehind(u64),
    /// The node has stopped and everything was read.
    #[error("the node has stopped")]
    Stopped,
}

/// A reader's place in the feed. Bounded: a reader that is too slow loses its place instead of holding memory or the engine.
#[derive(Debug)]
pub struct Subscription(pub(crate) broadcast::Receiver<Arc<Batch>>);

impl Subscription {
    /// The next batch.
    pub async fn recv(&mut self) -> Result<Arc<Batch>, FeedEnd> {
        self.0.recv().await.map_err(end)
    }

    /// The next batch, if it is there already.
    ///
    /// # Errors
    /// As [`Subscription::recv`].
    pub fn try_recv(&mut self) -> Result<Option<Arc<Batch>>, FeedEnd> {
        match self.0.try_recv() {
            Ok(batch) => Ok(Some(batch)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Lagged(batches)) => Err(end(RecvError::Lagged(batches))),
            Err(TryRecvError::Closed) => Err(end(RecvError::Closed)),
        }
    }

    /// The next batch, waiting on this thread. Not for async code.
    pub fn blocking_recv(&mut self) -> Result<Arc<Batch>, FeedEnd> {
        self.0.blocking_recv().map_err(end)
    }
}

fn end(error: RecvError) -> FeedEnd {
    match error {
        RecvError::Lagged(batches) => FeedEnd::FellBehind(batches),
        RecvError::Closed => FeedEnd::Stopped,
    }
}
