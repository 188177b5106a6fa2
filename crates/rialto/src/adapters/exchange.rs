//! The API's way to the node.

use api::ports::{Exchange, SubmitError};
use futures_util::future::BoxFuture;
use model::{Envelope, Receipt};
use node::Node;

/// The node as the API sees it.
#[derive(Debug)]
pub(crate) struct NodeExchange(pub(crate) Node);

impl Exchange for NodeExchange {
    fn submit(&self, envelope: Envelope) -> BoxFuture<'_, Result<Receipt, SubmitError>> {
        Box::pin(async move {
            self.0.submit(envelope).await.map_err(|error| match error {
                node::SubmitError::Busy => SubmitError::Busy,
                node::SubmitError::Stopped => SubmitError::Stopped,
            })
        })
    }
}
