//! Rows of `identity_signing_keys`.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::store::to_sql;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_signing_keys")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub kid: String,
        #[sea_orm(column_type = "Text", nullable, unique)]
        pub slot: Option<String>,
        pub sealed_private_key: Vec<u8>,
        pub created_at_us: i64,
        pub promoted_at_us: Option<i64>,
        pub retired_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// The slot of the key that signs.
pub(crate) const CURRENT: &str = "current";
/// The slot of the key that will sign.
pub(crate) const NEXT: &str = "next";

/// All keys that may still count, the newest first. There are few: retired ones are deleted.
pub(crate) async fn all(read: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_desc(Column::Id).limit(100).all(read).await
}

/// Puts a new key into a slot. A unique violation: another process did.
pub(crate) async fn insert(
    write: &impl ConnectionTrait,
    kid: &str,
    slot: &str,
    sealed_private_key: Vec<u8>,
    now_us: u64,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        kid: Set(kid.to_owned()),
        slot: Set(Some(slot.to_owned())),
        sealed_private_key: Set(sealed_private_key),
        created_at_us: Set(to_sql(now_us)),
        promoted_at_us: Set((slot == CURRENT).then(|| to_sql(now_us))),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

/// Takes the key that signs out of its slot. `false`: it is no longer there.
pub(crate) async fn retire(write: &impl ConnectionTrait, kid: &str, now_us: u64) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Slot, Option::<String>::None.into())
        .col_expr(Column::RetiredAtUs, to_sql(now_us).into());
    let updated = update.filter(Column::Kid.eq(kid)).filter(Column::Slot.eq(CURRENT)).exec(write).await?;
    Ok(updated.rows_affected == 1)
}

/// Lets the next key sign. `false`: it is no longer there.
pub(crate) async fn promote(write: &impl ConnectionTrait, kid: &str, now_us: u64) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Slot, CURRENT.into())
        .col_expr(Column::PromotedAtUs, to_sql(now_us).into());
    let updated = update.filter(Column::Kid.eq(kid)).filter(Column::Slot.eq(NEXT)).exec(write).await?;
    Ok(updated.rows_affected == 1)
}

/// Deletes keys that retired before.
pub(crate) async fn purge(write: &impl ConnectionTrait, before_us: u64) -> Result<u64, DbErr> {
    let retired = Entity::delete_many().filter(Column::RetiredAtUs.lt(to_sql(before_us)));
    Ok(retired.exec(write).await?.rows_affected)
}
