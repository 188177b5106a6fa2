//! Stopping a user, and letting it go on.

use std::sync::Arc;

use crate::access::keep_a_superadmin;
use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::ports::{AccountBlocks, News};
use crate::sessions::Sessions;
use crate::store::user as user_store;
use crate::user::{User, UserId, UserState};
use crate::users::Users;
use crate::{Error, Refusal};

/// Users that one is made of, at most: itself and its parts.
pub(crate) const MAX_FAMILY: u64 = 1_000;

/// Freezes users.
#[derive(Debug)]
pub struct Freezes {
    base: Base,
    users: Users,
    sessions: Arc<Sessions>,
    activity: Activity,
    blocks: Arc<dyn AccountBlocks>,
}

impl Freezes {
    pub(crate) fn new(
        base: Base,
        users: Users,
        sessions: Arc<Sessions>,
        activity: Activity,
        blocks: Arc<dyn AccountBlocks>,
    ) -> Self {
        Self { base, users, sessions, activity, blocks }
    }

    /// Freezes a user and its parts: its sessions end, whoever acts for its accounts is refused at once, and it cannot sign in. The reason
    /// is for the log, not for the user.
    ///
    /// # Errors
    /// [`Refusal::NoSuchUser`], [`Refusal::UserState`] unless it is active or pending, [`Refusal::LastSuperadmin`], or the database's.
    pub async fn freeze(&self, actor: UserId, user: UserId, reason: &str, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        keep_a_superadmin(&write, user).await?;
        let present = user_store::lock(&write, user).await?.ok_or(Refusal::NoSuchUser)?;
        if !matches!(present.state, UserState::Active | UserState::Pending) {
            return Err(Refusal::UserState.into());
        }
        let family = user_store::family(&write, user, MAX_FAMILY).await?;
        let mut ended = Vec::new();
        for one in &family {
            user_store::set_state(&write, one.id, UserState::Frozen, now_us).await?;
            ended.extend(self.sessions.end_all_in(&write, one.id, None, "frozen", now_us).await?);
            self.blocks.block(&write, one.account, now_us).await?;
        }
        let entry = entry(&present, actor, "freeze", reason);
        self.activity.write(&write, &entry, now_us).await?;
        self.base.notify(&write, &present, News::Frozen, now_us).await?;
        write.commit().await?;
        self.sessions.forget(ended);
        for one in &family {
            self.users.changed(one.id);
            self.blocks.changed(one.account).await;
        }
        Ok(self.base.db.make_durable().await?)
    }

    /// Lets a frozen user and its parts go on. Its sessions stay ended.
    ///
    /// # Errors
    /// [`Refusal::NoSuchUser`], [`Refusal::UserState`] unless it is frozen; those of the keys, or the database's: then call it again.
    pub async fn unfreeze(&self, actor: UserId, user: UserId, reason: &str, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        let present = user_store::lock(&write, user).await?.ok_or(Refusal::NoSuchUser)?;
        if present.state != UserState::Frozen {
            return Err(Refusal::UserState.into());
        }
        let family = user_store::family(&write, user, MAX_FAMILY).await?;
        let parts = family.iter().filter(|one| one.id != user && one.state == UserState::Frozen);
        // Its address tells whether it was verified before; who has none came by a proof.
        let verified = present.email.is_none() || crate::access::is_verified(&write, user).await?;
        let state = if verified { UserState::Active } else { UserState::Pending };
        user_store::set_state(&write, user, state, now_us).await?;
        for part in parts {
            user_store::set_state(&write, part.id, UserState::Active, now_us).await?;
        }
        let entry = entry(&present, actor, "unfreeze", reason);
        self.activity.write(&write, &entry, now_us).await?;
        self.base.notify(&write, &present, News::Unfrozen, now_us).await?;
        // Keys first: if that fails, the user is still frozen and can be unfrozen again.
        for one in &family {
            self.blocks.unblock(&write, one.account).await?;
        }
        write.commit().await?;
        for one in &family {
            self.users.changed(one.id);
            self.blocks.changed(one.account).await;
        }
        Ok(self.base.db.make_durable().await?)
    }
}

fn entry<'a>(user: &User, actor: UserId, action: &'static str, reason: &'a str) -> Entry<'a> {
    Entry {
        user: user.id,
        actor: Some(actor),
        topic: "account",
        action,
        result: Outcome::Succeeded,
        detail: Some(reason),
        device: None,
    }
}
