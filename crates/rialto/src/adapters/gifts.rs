//! Play money of a demo, for each new user.

use std::sync::Arc;

use api::ports::Exchange;
use identity::ports::PortError;
use model::{AccountId, Amount, AssetId, Command, Envelope, Event, SourceId, SourceSeq, system};
use tokio::sync::Mutex;

use super::accounts::{refusal, submit};

/// Gives. One process gives at a time: the one with the engine.
#[derive(Debug)]
pub(crate) struct Gifts {
    exchange: Arc<dyn Exchange>,
    each: Vec<(AssetId, Amount)>,
    /// The last position of the source that was used.
    used: Mutex<SourceSeq>,
}

impl Gifts {
    /// Gives so much of each asset; `used` is how far [`SourceId::DEMO_GIFTS`] is.
    pub(crate) fn new(exchange: Arc<dyn Exchange>, each: Vec<(AssetId, Amount)>, used: SourceSeq) -> Self {
        Self { exchange, each, used: Mutex::new(used) }
    }

    /// Gives to an account that was just opened. After a fault in between it keeps what it was given until then.
    pub(crate) async fn give(&self, account: AccountId) -> Result<(), PortError> {
        let mut used = self.used.lock().await;
        for (asset, amount) in &self.each {
            let (asset, amount) = (*asset, *amount);
            loop {
                let (source, source_seq) = (SourceId::DEMO_GIFTS, SourceSeq(used.0 + 1));
                let command = Command::Transfer { from: system::CUSTODY, to: account, asset, amount };
                let receipt = submit(&*self.exchange, Envelope { source, source_seq, command }).await?;
                if let Some(reason) = refusal(&receipt) {
                    let what = format!("the demo gives nothing to account {account}: {reason:?}");
                    return Err(PortError::new(what, false));
                }
                *used = source_seq;
                let events = receipt.batch.events_of(receipt.index);
                // The position was used by a command whose receipt was lost: this gift is not given yet.
                if !events.iter().any(|event| matches!(event, Event::Duplicate { .. })) {
                    break;
                }
            }
        }
        Ok(())
    }
}
