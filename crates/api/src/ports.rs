//! What this crate needs of the rest of the program.

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use model::{Envelope, Receipt};

/// The one way to change a balance or an order: the sequencer in front of the engine.
pub trait Exchange: Debug + Send + Sync + 'static {
    /// Sends one command and waits until its result is durable.
    ///
    /// Dropping the future does not take the command back.
    ///
    /// # Errors
    /// [`SubmitError::Busy`] when nothing happened, [`SubmitError::Stopped`] when the outcome is not known.
    fn submit(&self, envelope: Envelope) -> BoxFuture<'_, Result<Receipt, SubmitError>>;
}

/// Why a command has no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The queue is full: the command was not taken, nothing happened.
    #[error("the queue of commands is full")]
    Busy,
    /// The sequencer stopped while the command was under way: whether it happened shows after the restart.
    #[error("the sequencer stopped; the outcome of the command is not known")]
    Stopped,
}
