//! The engine's accounts, as identity opens them.

use std::sync::Arc;

use api::ports::Exchange;
use futures_util::future::BoxFuture;
use identity::ports::{Accounts, PortError};
use model::{AccountId, Command, Envelope, Event, Reject};

/// Opens accounts by commands to the engine.
#[derive(Debug)]
pub(crate) struct EngineAccounts(pub(crate) Arc<dyn Exchange>);

impl Accounts for EngineAccounts {
    fn open(&self, account: u32, parent: Option<u32>) -> BoxFuture<'_, Result<(), PortError>> {
        let parent = AccountId(parent.unwrap_or(0));
        let command = Command::OpenAccount { account: AccountId(account), parent };
        Box::pin(async move {
            // Whether it happened shows when it is sent again: an account that is there is not opened twice.
            let receipt =
                self.0.submit(Envelope::client(command)).await.map_err(|error| PortError::new(error, true))?;
            let refused = receipt.batch.events_of(receipt.index).iter().find_map(|event| match event {
                Event::Rejected { reason, .. } => Some(*reason),
                _ => None,
            });
            match refused {
                None | Some(Reject::AccountExists) => Ok(()),
                Some(reason) => {
                    Err(PortError::new(format!("the engine opens no account {account}: {reason:?}"), false))
                }
            }
        })
    }
}
