//! Rows of `identity_wallet_messages`: messages that wait to be signed.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_wallet_messages")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// SHA-256 of the text.
        pub hash: Vec<u8>,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub address: String,
        /// Who wants to link the wallet; of a message for signing in there is none.
        pub user_id: Option<i64>,
        pub expires_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// A row to be written.
pub(crate) struct New<'a> {
    pub(crate) hash: Vec<u8>,
    pub(crate) kind: &'a str,
    pub(crate) address: &'a str,
    pub(crate) user_id: Option<i64>,
    pub(crate) expires_at_us: i64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<(), DbErr> {
    let row = ActiveModel {
        hash: Set(new.hash),
        kind: Set(new.kind.to_owned()),
        address: Set(new.address.to_owned()),
        user_id: Set(new.user_id),
        expires_at_us: Set(new.expires_at_us),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

pub(crate) async fn delete_expired(write: &impl ConnectionTrait, now_us: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::ExpiresAtUs.lte(now_us)).exec(write).await.map(drop)
}

/// How many rows there are at most: how far the oldest and the newest are apart. Counting them would read them all.
pub(crate) async fn span(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let oldest = Entity::find().order_by_asc(Column::Id).one(read).await?;
    let newest = Entity::find().order_by_desc(Column::Id).one(read).await?;
    Ok(oldest.zip(newest).map_or(0, |(oldest, newest)| (newest.id - oldest.id).unsigned_abs() + 1))
}

/// Deletes all but the newest `kept` messages for an address.
pub(crate) async fn keep_newest(
    write: &impl ConnectionTrait,
    kind: &str,
    address: &str,
    kept: u64,
) -> Result<(), DbErr> {
    let of_address = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::Address.eq(address));
    // One more than are kept: each call leaves at most `kept`, and one is added after it.
    let newest = of_address.order_by_desc(Column::Id).offset(kept).limit(kept + 1).all(write).await?;
    let ids: Vec<i64> = newest.into_iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    Entity::delete_many().filter(Column::Id.is_in(ids)).exec(write).await.map(drop)
}

/// Takes the message out: of two who try at the same moment, one gets it.
pub(crate) async fn take(write: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<Model>, DbErr> {
    let Some(row) = Entity::find().filter(Column::Hash.eq(hash)).one(write).await? else { return Ok(None) };
    let deleted = Entity::delete_by_id(row.id).exec(write).await?;
    Ok((deleted.rows_affected == 1).then_some(row))
}
