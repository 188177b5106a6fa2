//! Rows of `identity_refresh_tokens`.

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set};

use crate::store::to_sql;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_refresh_tokens")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub session_id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub hash: String,
        pub created_at_us: i64,
        pub used_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) async fn insert(
    write: &impl ConnectionTrait,
    session_id: i64,
    hash: String,
    now_us: u64,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        session_id: Set(session_id),
        hash: Set(hash),
        created_at_us: Set(to_sql(now_us)),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

pub(crate) async fn by_hash(read: &impl ConnectionTrait, hash: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Hash.eq(hash)).one(read).await
}

/// Marks a token as used. `false`: it was used before, or another request was first.
pub(crate) async fn take(write: &impl ConnectionTrait, id: i64, now_us: u64) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::UsedAtUs, to_sql(now_us).into());
    let updated = update.filter(Column::Id.eq(id)).filter(Column::UsedAtUs.is_null()).exec(write).await?;
    Ok(updated.rows_affected == 1)
}

pub(crate) async fn delete_of(write: &impl ConnectionTrait, sessions: &[i64]) -> Result<(), DbErr> {
    let these = Entity::delete_many().filter(Column::SessionId.is_in(sessions.iter().copied()));
    these.exec(write).await.map(drop)
}
