//! What a tool beside the exchange does not have.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use identity::ports::{AccountBlocks, Accounts, Notice, Notices, PortError, Texts};
use runtime::secrets::Secret;
use sea_orm::DatabaseTransaction;

/// Refuses everything that only the exchange itself can do, so that no letter, message or account is lost in silence.
#[derive(Debug)]
pub(crate) struct Elsewhere;

fn elsewhere<'a>() -> BoxFuture<'a, Result<(), PortError>> {
    async { Err(PortError::new("only the running exchange can do this", true)) }.boxed()
}

impl Notices for Elsewhere {
    fn send<'a>(&'a self, _: &'a DatabaseTransaction, _: Notice) -> BoxFuture<'a, Result<(), PortError>> {
        elsewhere()
    }
}

impl Accounts for Elsewhere {
    fn open(&self, _: u32, _: Option<u32>) -> BoxFuture<'_, Result<(), PortError>> {
        elsewhere()
    }
}

impl Texts for Elsewhere {
    fn send<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a str,
        _: &'a str,
        _: Secret<String>,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        elsewhere()
    }
}

impl AccountBlocks for Elsewhere {
    fn block<'a>(&'a self, _: &'a DatabaseTransaction, _: u32, _: u64) -> BoxFuture<'a, Result<(), PortError>> {
        elsewhere()
    }

    fn unblock<'a>(&'a self, _: &'a DatabaseTransaction, _: u32) -> BoxFuture<'a, Result<(), PortError>> {
        elsewhere()
    }

    fn changed(&self, _: u32) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}
