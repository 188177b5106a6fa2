//! Closing a user for ever.
//!
//! At once the user is out: no session, no key, no way to sign in. What is known of the person is erased some time later
//! (`identity.erase_after_days`), because laws ask for it to be kept that long.

use std::sync::Arc;

use crate::access::keep_a_superadmin;
use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::freezes::MAX_FAMILY;
use crate::ports::{AccountBlocks, Device, News};
use crate::sessions::Sessions;
use crate::store;
use crate::user::{User, UserId, UserState};
use crate::users::Users;
use crate::{Error, Refusal};

/// Users that one call erases.
const ERASED_AT_ONCE: u64 = 100;

/// Closes users.
#[derive(Debug)]
pub struct Deletions {
    base: Base,
    users: Users,
    sessions: Arc<Sessions>,
    activity: Activity,
    blocks: Arc<dyn AccountBlocks>,
}

impl Deletions {
    pub(crate) fn new(
        base: Base,
        users: Users,
        sessions: Arc<Sessions>,
        activity: Activity,
        blocks: Arc<dyn AccountBlocks>,
    ) -> Self {
        Self { base, users, sessions, activity, blocks }
    }

    /// Closes a user and its parts for ever. Whether they still own something is for the caller to ask before.
    ///
    /// # Errors
    /// [`Refusal::UserState`] unless it is active, [`Refusal::LastSuperadmin`], or the database's.
    pub async fn delete(&self, user: &User, device: &Device, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        keep_a_superadmin(&write, user.id).await?;
        let present = store::user::lock(&write, user.id).await?.ok_or(Refusal::NoSuchUser)?;
        if present.state != UserState::Active {
            return Err(Refusal::UserState.into());
        }
        let family = store::user::family(&write, user.id, MAX_FAMILY).await?;
        let mut ended = Vec::new();
        for one in &family {
            store::user::close(&write, one.id, now_us).await?;
            ended.extend(self.sessions.end_all_in(&write, one.id, None, "deleted", now_us).await?);
            self.blocks.block(&write, one.account, now_us).await?;
        }
        let entry = Entry {
            user: user.id,
            actor: None,
            topic: "account",
            action: "delete",
            result: Outcome::Succeeded,
            detail: None,
            device: Some(device),
        };
        self.activity.write(&write, &entry, now_us).await?;
        self.base.notify(&write, &present, News::Deleted, now_us).await?;
        write.commit().await?;
        self.sessions.forget(ended);
        for one in &family {
            self.users.changed(one.id);
            self.blocks.changed(one.account).await;
        }
        Ok(self.base.db.make_durable().await?)
    }

    /// Erases what is known of persons who were closed long enough ago. Gives their users, of whom the caller erases what else there
    /// is, such as documents, and then says [`erased`](Self::erased). Call it about every hour.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase(&self, now_us: u64) -> Result<Vec<UserId>, Error> {
        let before_us = now_us.saturating_sub(self.base.settings.erase_after_us());
        let due = store::user::to_erase(self.base.db.read(), before_us, ERASED_AT_ONCE).await?;
        for user in &due {
            let write = self.base.db.begin().await?;
            store::profile::delete(&write, user.0).await?;
            store::phone::delete_all(&write, user.0).await?;
            store::passkey::delete_all(&write, user.0).await?;
            store::wallet::delete_all(&write, user.0).await?;
            store::federation::delete_all(&write, user.0).await?;
            store::totp::delete(&write, *user).await?;
            store::label::delete_all(&write, *user).await?;
            store::activity::erase(&write, *user).await?;
            store::user::erase(&write, *user).await?;
            write.commit().await?;
        }
        Ok(due)
    }

    /// Notes that nothing is left to erase of this user.
    ///
    /// # Errors
    /// The database's.
    pub async fn erased(&self, user: UserId, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        store::user::set_erased(&write, user, now_us).await?;
        Ok(write.commit().await?)
    }
}
