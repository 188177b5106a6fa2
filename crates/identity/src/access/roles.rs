//! What each role may do, and who has which.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sea_orm::DatabaseTransaction;

use super::{OperationPattern, Role};
use crate::base::Base;
use crate::store::{permission as store, user as user_store};
use crate::user::{User, UserId, UserState};
use crate::users::Users;
use crate::{Error, Refusal};

/// Permissions of all roles together.
pub const MAX_PERMISSIONS: u64 = 10_000;

type Table = HashMap<Role, Vec<OperationPattern>>;

/// The permissions, in SQL and, for every question, in memory.
#[derive(Debug)]
pub struct Roles {
    base: Base,
    users: Users,
    table: ArcSwap<Table>,
}

impl Roles {
    pub(crate) async fn load(base: Base, users: Users) -> Result<Self, Error> {
        let table = ArcSwap::from_pointee(read(&base).await?);
        Ok(Self { base, users, table })
    }

    /// Whether a role may do an operation, as its door names it: `GET /api/v2/admin/users`. A role that nobody gave anything may do
    /// nothing.
    pub fn allows(&self, role: &Role, operation: &str) -> bool {
        let table = self.table.load();
        table.get(role).is_some_and(|patterns| patterns.iter().any(|pattern| pattern.matches(operation)))
    }

    /// All permissions, by role.
    pub fn list(&self) -> Vec<(Role, Vec<OperationPattern>)> {
        let mut all: Vec<_> =
            self.table.load().iter().map(|(role, patterns)| (role.clone(), patterns.clone())).collect();
        all.sort_by(|(first, _), (second, _)| first.as_str().cmp(second.as_str()));
        all
    }

    /// Reads the permissions again: another process may have changed them. Call it every few seconds.
    ///
    /// # Errors
    /// The database's.
    pub async fn reload(&self) -> Result<(), Error> {
        self.table.store(Arc::new(read(&self.base).await?));
        Ok(())
    }

    /// Lets a role do what the pattern says; a role begins to exist by it. Only a superadmin may.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::TooManyPermissions`], or the database's.
    pub async fn grant(&self, actor: &User, role: &Role, operation: &OperationPattern) -> Result<(), Error> {
        only_superadmin(actor)?;
        let write = self.base.db.begin().await?;
        if store::count(&write).await? >= MAX_PERMISSIONS {
            return Err(Refusal::TooManyPermissions.into());
        }
        store::insert(&write, role.as_str(), operation.as_str()).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.reload().await
    }

    /// Takes a permission away. `false`: the role does not have exactly this one. A superadmin always may do everything.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], or the database's.
    pub async fn withdraw(&self, actor: &User, role: &Role, operation: &OperationPattern) -> Result<bool, Error> {
        only_superadmin(actor)?;
        if role.as_str() == Role::SUPERADMIN {
            return Err(Refusal::Forbidden.into());
        }
        let write = self.base.db.begin().await?;
        let withdrawn = store::delete(&write, role.as_str(), operation.as_str()).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.reload().await?;
        Ok(withdrawn)
    }

    /// Gives a user another role. Only a superadmin may, and the last active one keeps his.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NoSuchUser`], [`Refusal::Role`] for a role that does not exist,
    /// [`Refusal::LastSuperadmin`], or the database's.
    pub async fn set_role(&self, actor: UserId, user: UserId, role: &Role, now_us: u64) -> Result<(), Error> {
        let known = role.as_str() == Role::MEMBER || self.table.load().contains_key(role);
        if !known {
            return Err(Refusal::Role.into());
        }
        let write = self.base.db.begin().await?;
        // Who gives roles must be a superadmin at this moment, not when he signed in.
        let superadmins = user_store::lock_superadmins(&write).await?;
        if !superadmins.contains(&actor) {
            return Err(Refusal::Forbidden.into());
        }
        let present = user_store::lock(&write, user).await?.ok_or(Refusal::NoSuchUser)?;
        if present.state == UserState::Deleted {
            return Err(Refusal::UserState.into());
        }
        if role.as_str() != Role::SUPERADMIN {
            keep_one(&superadmins, user)?;
        }
        user_store::set_role(&write, user, role, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.users.changed(user);
        Ok(())
    }

    /// Makes a user a superadmin if there is none: for the first start, from the operator's own terminal.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if there is one, or the database's.
    pub async fn appoint_first(&self, user: UserId, now_us: u64) -> Result<(), Error> {
        let write = self.base.db.begin().await?;
        if !user_store::lock_superadmins(&write).await?.is_empty() {
            return Err(Refusal::Forbidden.into());
        }
        user_store::lock(&write, user).await?.ok_or(Refusal::NoSuchUser)?;
        user_store::set_role(&write, user, &Role::superadmin(), now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.users.changed(user);
        Ok(())
    }
}

/// Refuses to stop this user if he is the last active superadmin. The rows of all of them are locked until the transaction ends, so that
/// two who leave at the same moment do not both see the other.
pub(crate) async fn keep_a_superadmin(write: &DatabaseTransaction, user: UserId) -> Result<(), Error> {
    let superadmins = user_store::lock_superadmins(write).await?;
    Ok(keep_one(&superadmins, user)?)
}

fn keep_one(superadmins: &[UserId], leaving: UserId) -> Result<(), Refusal> {
    if superadmins == [leaving] { Err(Refusal::LastSuperadmin) } else { Ok(()) }
}

fn only_superadmin(actor: &User) -> Result<(), Refusal> {
    if actor.role.as_str() == Role::SUPERADMIN { Ok(()) } else { Err(Refusal::Forbidden) }
}

async fn read(base: &Base) -> Result<Table, Error> {
    let mut table = Table::new();
    for row in store::all(base.db.read(), MAX_PERMISSIONS).await? {
        // A row that was written by hand and is no permission gives none.
        if let (Some(role), Some(operation)) = (Role::parse(&row.role), OperationPattern::parse(&row.operation)) {
            table.entry(role).or_default().push(operation);
        }
    }
    Ok(table)
}
