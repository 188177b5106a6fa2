//! Rows of `identity_api_keys`, and of `identity_blocked_accounts`, whose keys are refused.

use db::page::Keyset;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::Permissions;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_api_keys")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub key: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub sealed_secret: Vec<u8>,
        pub account_id: i64,
        #[sea_orm(column_type = "Text")]
        pub label: String,
        pub may_read: bool,
        pub may_trade: bool,
        #[sea_orm(column_type = "Text", nullable)]
        pub ip_allow_list: Option<String>,
        pub created_at_us: i64,
        pub revoked_at_us: Option<i64>,
        pub last_used_us: Option<i64>,
        /// `SubjectPublicKeyInfo` in DER; of keys with a secret there is none.
        pub public_key: Option<Vec<u8>>,
        pub may_withdraw: bool,
        pub expires_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod blocked {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_blocked_accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i64,
        pub blocked_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// A row to be written; the rest of its columns begin empty.
pub(crate) struct New<'a> {
    pub(crate) key: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) sealed_secret: Vec<u8>,
    pub(crate) public_key: Option<Vec<u8>>,
    pub(crate) account_id: i64,
    pub(crate) label: &'a str,
    pub(crate) permissions: Permissions,
    pub(crate) addresses: Option<String>,
    pub(crate) expires_at_us: Option<i64>,
    pub(crate) created_at_us: i64,
}

/// What is changed of a row; `None` leaves a column as it is.
pub(crate) struct Change<'a> {
    pub(crate) label: Option<&'a str>,
    pub(crate) permissions: Option<Permissions>,
    pub(crate) addresses: Option<Option<String>>,
    pub(crate) expires_at_us: Option<Option<i64>>,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<(), DbErr> {
    let row = ActiveModel {
        key: Set(new.key.to_owned()),
        kind: Set(new.kind.to_owned()),
        sealed_secret: Set(new.sealed_secret),
        public_key: Set(new.public_key),
        account_id: Set(new.account_id),
        label: Set(new.label.to_owned()),
        may_read: Set(new.permissions.read),
        may_trade: Set(new.permissions.trade),
        may_withdraw: Set(new.permissions.withdraw),
        ip_allow_list: Set(new.addresses),
        expires_at_us: Set(new.expires_at_us),
        created_at_us: Set(new.created_at_us),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

/// The row of a key that is not revoked, and whose account is not blocked.
pub(crate) async fn find_live(read: &impl ConnectionTrait, key: &str) -> Result<Option<Model>, DbErr> {
    let found = Entity::find().filter(Column::Key.eq(key)).filter(Column::RevokedAtUs.is_null()).one(read).await?;
    let Some(row) = found else { return Ok(None) };
    let blocked = blocked::Entity::find_by_id(row.account_id).one(read).await?;
    Ok(blocked.is_none().then_some(row))
}

/// How many keys of the account are neither revoked nor expired.
pub(crate) async fn count_live(read: &impl ConnectionTrait, account_id: i64, now_us: i64) -> Result<u64, DbErr> {
    let expires = Condition::any().add(Column::ExpiresAtUs.is_null()).add(Column::ExpiresAtUs.gt(now_us));
    let live = Entity::find().filter(Column::AccountId.eq(account_id)).filter(Column::RevokedAtUs.is_null());
    live.filter(expires).count(read).await
}

/// The newest rows of an account, revoked ones too.
pub(crate) async fn list(read: &impl ConnectionTrait, account_id: i64, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::AccountId.eq(account_id)).order_by_desc(Column::Id).limit(limit).all(read).await
}

/// Whether there was such a live key of the account.
pub(crate) async fn revoke(
    write: &impl ConnectionTrait,
    account_id: i64,
    key: &str,
    now_us: i64,
) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::RevokedAtUs, now_us.into()).filter(live(account_id, key));
    Ok(update.exec(write).await?.rows_affected == 1)
}

/// How many live keys the account had.
pub(crate) async fn revoke_all(write: &impl ConnectionTrait, account_id: i64, now_us: i64) -> Result<u64, DbErr> {
    let update = Entity::update_many().col_expr(Column::RevokedAtUs, now_us.into());
    let update = update.filter(Column::AccountId.eq(account_id)).filter(Column::RevokedAtUs.is_null());
    Ok(update.exec(write).await?.rows_affected)
}

/// Whether there was such a live key of the account.
pub(crate) async fn change(
    write: &impl ConnectionTrait,
    account_id: i64,
    key: &str,
    change: Change<'_>,
) -> Result<bool, DbErr> {
    // An update of nothing is no SQL; the account is written as it stands.
    let mut update = Entity::update_many().col_expr(Column::AccountId, account_id.into()).filter(live(account_id, key));
    if let Some(label) = change.label {
        update = update.col_expr(Column::Label, label.into());
    }
    if let Some(permissions) = change.permissions {
        update = update
            .col_expr(Column::MayRead, permissions.read.into())
            .col_expr(Column::MayTrade, permissions.trade.into())
            .col_expr(Column::MayWithdraw, permissions.withdraw.into());
    }
    if let Some(addresses) = change.addresses {
        update = update.col_expr(Column::IpAllowList, addresses.into());
    }
    if let Some(expires_at_us) = change.expires_at_us {
        update = update.col_expr(Column::ExpiresAtUs, expires_at_us.into());
    }
    Ok(update.exec(write).await?.rows_affected == 1)
}

/// A page of an account's rows, revoked ones too.
pub(crate) async fn page(
    read: &impl ConnectionTrait,
    account_id: i64,
    keyset: &Keyset<i64>,
) -> Result<Vec<Model>, DbErr> {
    keyset.apply(Entity::find().filter(Column::AccountId.eq(account_id)), Column::Id).all(read).await
}

/// Whether the account was not blocked before.
pub(crate) async fn block(write: &impl ConnectionTrait, account_id: i64, now_us: i64) -> Result<bool, DbErr> {
    let row = blocked::ActiveModel { account_id: Set(account_id), blocked_at_us: Set(now_us) };
    let once = OnConflict::column(blocked::Column::AccountId).do_nothing().to_owned();
    let inserted = blocked::Entity::insert(row).on_conflict(once).exec_without_returning(write).await?;
    Ok(inserted == 1)
}

/// Whether the account was blocked before.
pub(crate) async fn unblock(write: &impl ConnectionTrait, account_id: i64) -> Result<bool, DbErr> {
    Ok(blocked::Entity::delete_by_id(account_id).exec(write).await?.rows_affected == 1)
}

/// Moves the time of the last use forward, never back: another process may have seen a later use.
pub(crate) async fn set_last_used(write: &impl ConnectionTrait, id: i64, used_us: i64) -> Result<(), DbErr> {
    let earlier = Condition::any().add(Column::LastUsedUs.is_null()).add(Column::LastUsedUs.lt(used_us));
    let update = Entity::update_many().col_expr(Column::LastUsedUs, used_us.into());
    update.filter(Column::Id.eq(id)).filter(earlier).exec(write).await.map(drop)
}

fn live(account_id: i64, key: &str) -> Condition {
    Condition::all()
        .add(Column::AccountId.eq(account_id))
        .add(Column::Key.eq(key))
        .add(Column::RevokedAtUs.into_expr().is_null())
}
