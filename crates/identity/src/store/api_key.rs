//! Rows of `identity_api_keys`.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

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
    pub(crate) may_read: bool,
    pub(crate) may_trade: bool,
    pub(crate) created_at_us: i64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<(), DbErr> {
    let row = ActiveModel {
        key: Set(new.key.to_owned()),
        kind: Set(new.kind.to_owned()),
        sealed_secret: Set(new.sealed_secret),
        public_key: Set(new.public_key),
        account_id: Set(new.account_id),
        label: Set(new.label.to_owned()),
        may_read: Set(new.may_read),
        may_trade: Set(new.may_trade),
        created_at_us: Set(new.created_at_us),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

/// The row of a key that is not revoked.
pub(crate) async fn find_live(read: &impl ConnectionTrait, key: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Key.eq(key)).filter(Column::RevokedAtUs.is_null()).one(read).await
}

pub(crate) async fn count_live(read: &impl ConnectionTrait, account_id: i64) -> Result<u64, DbErr> {
    let live = Entity::find().filter(Column::AccountId.eq(account_id)).filter(Column::RevokedAtUs.is_null());
    live.count(read).await
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

/// Whether there was such a live key of the account.
pub(crate) async fn set_addresses(
    write: &impl ConnectionTrait,
    account_id: i64,
    key: &str,
    addresses: Option<String>,
) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::IpAllowList, addresses.into()).filter(live(account_id, key));
    Ok(update.exec(write).await?.rows_affected == 1)
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
