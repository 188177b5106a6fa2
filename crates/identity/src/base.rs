//! What every part of people works with.

use std::sync::Arc;

use db::Db;
use runtime::config;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;
use sea_orm::DatabaseTransaction;

use crate::Error;
use crate::ports::{News, Notice, Notices};
use crate::user::User;

/// Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) db: Db,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) sealing: SealingKey,
    pub(crate) settings: Arc<config::Identity>,
    pub(crate) notices: Arc<dyn Notices>,
}

impl Base {
    /// Writes a letter to the user in the caller's transaction; who has no address gets none.
    pub(crate) async fn notify(
        &self,
        write: &DatabaseTransaction,
        user: &User,
        news: News,
        now_us: u64,
    ) -> Result<(), Error> {
        let Some(to) = user.email.clone() else { return Ok(()) };
        let notice = Notice { uid: user.uid.clone(), to, locale: user.locale.clone(), at_us: now_us, news };
        Ok(self.notices.send(write, notice).await?)
    }
}
