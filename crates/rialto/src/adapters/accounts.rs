//! The engine's accounts, as identity opens them.

use std::sync::Arc;

use api::ports::Exchange;
use futures_util::future::BoxFuture;
use identity::ports::{Accounts, PortError};
use model::{AccountId, Command, Envelope, Event, Receipt, Reject};

use super::gifts::Gifts;

/// Opens accounts by commands to the engine.
#[derive(Debug)]
pub(crate) struct EngineAccounts {
    /// Where the commands go.
    pub(crate) exchange: Arc<dyn Exchange>,
    /// What users of a demo are given.
    pub(crate) gifts: Option<Gifts>,
}

/// Carries a command out.
pub(super) async fn submit(exchange: &dyn Exchange, envelope: Envelope) -> Result<Receipt, PortError> {
    exchange.submit(envelope).await.map_err(|error| PortError::new(error, true))
}

/// Why the engine refused a command, if it did.
pub(super) fn refusal(receipt: &Receipt) -> Option<Reject> {
    receipt.batch.events_of(receipt.index).iter().find_map(|event| match event {
        Event::Rejected { reason, .. } => Some(*reason),
        _ => None,
    })
}

impl Accounts for EngineAccounts {
    fn open(&self, account: u32, parent: Option<u32>) -> BoxFuture<'_, Result<(), PortError>> {
        let account = AccountId(account);
        let command = Command::OpenAccount { account, parent: AccountId(parent.unwrap_or(0)) };
        Box::pin(async move {
            // Whether it happened shows when it is sent again: an account that is there is not opened twice.
            match refusal(&submit(&*self.exchange, Envelope::client(command)).await?) {
                None => match &self.gifts {
                    Some(gifts) if parent.is_none() => gifts.give(account).await,
                    _ => Ok(()),
                },
                Some(Reject::AccountExists) => Ok(()),
                Some(reason) => {
                    Err(PortError::new(format!("the engine opens no account {account}: {reason:?}"), false))
                }
            }
        })
    }
}
