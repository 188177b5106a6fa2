//! API keys of a user who is frozen or closed.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use identity::ApiKeys;
use identity::ports::{AccountBlocks, PortError};
use sea_orm::DatabaseTransaction;

/// Blocks the keys of an account.
#[derive(Debug)]
pub(crate) struct KeyBlocks(pub(crate) Arc<ApiKeys>);

impl AccountBlocks for KeyBlocks {
    fn block<'a>(
        &'a self,
        write: &'a DatabaseTransaction,
        account: u32,
        now_us: u64,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move { self.0.block_in(write, account.into(), now_us).await.map(drop).map_err(failed) })
    }

    fn unblock<'a>(&'a self, write: &'a DatabaseTransaction, account: u32) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move { self.0.unblock_in(write, account.into()).await.map(drop).map_err(failed) })
    }

    fn changed(&self, account: u32) -> BoxFuture<'_, ()> {
        Box::pin(self.0.forget(account.into()))
    }
}

fn failed(error: identity::Error) -> PortError {
    let transient = error.is_transient();
    PortError::new(error, transient)
}
