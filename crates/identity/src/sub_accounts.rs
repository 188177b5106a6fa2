//! Parts of a user: each has an account of its own in the engine, and does not sign in.

use crate::activity::{Activity, Entry, Outcome};
use crate::base::Base;
use crate::freezes::MAX_FAMILY;
use crate::store::user as store;
use crate::user::{User, UserKind, UserState};
use crate::users::{NewUser, Users};
use crate::{Error, Refusal};

/// Parts that a user may have.
pub const MAX_SUB_ACCOUNTS: usize = 200;

/// The sub-accounts of all users.
#[derive(Debug)]
pub struct SubAccounts {
    base: Base,
    users: Users,
    activity: Activity,
}

impl SubAccounts {
    pub(crate) fn new(base: Base, users: Users, activity: Activity) -> Self {
        Self { base, users, activity }
    }

    /// Makes a part of a user, or a program of it, and opens its account. If the engine is away, the account is opened later
    /// ([`Users::open_accounts`]).
    ///
    /// # Errors
    /// [`Refusal::UserState`] for a part of a part, [`Refusal::TooManySubAccounts`], or the database's.
    pub async fn create(&self, owner: &User, kind: UserKind, now_us: u64) -> Result<User, Error> {
        if owner.kind != UserKind::Person || kind == UserKind::Person {
            return Err(Refusal::UserState.into());
        }
        let write = self.base.db.begin().await?;
        let owner = store::lock(&write, owner.id).await?.filter(|owner| owner.state == UserState::Active);
        let owner = owner.ok_or(Refusal::UserState)?;
        if store::family(&write, owner.id, MAX_FAMILY).await?.len() > MAX_SUB_ACCOUNTS {
            return Err(Refusal::TooManySubAccounts.into());
        }
        let new = NewUser { kind, parent: Some(owner.id), ..NewUser::external(&owner.locale) };
        let part = self.users.create(&write, new, now_us).await?;
        let entry = Entry {
            user: owner.id,
            actor: None,
            topic: "account",
            action: "create-sub-account",
            result: Outcome::Succeeded,
            detail: Some(part.uid.as_str()),
            device: None,
        };
        self.activity.write(&write, &entry, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        if let Err(error) = self.users.open_account(&part, now_us).await {
            tracing::warn!(%error, account = part.account, "the account of a new sub-account is opened later");
        }
        Ok(part)
    }

    /// The user's parts, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, owner: &User) -> Result<Vec<User>, Error> {
        let family = store::family(self.base.db.read(), owner.id, MAX_FAMILY).await?;
        Ok(family.into_iter().filter(|one| one.id != owner.id && one.state != UserState::Deleted).collect())
    }
}
