//! Rows of `identity_phones`.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_phones")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        /// The number.
        pub sealed: Vec<u8>,
        /// What tells two numbers apart without showing one: a MAC.
        #[sea_orm(column_type = "Text")]
        pub mark: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub code_hash: Option<String>,
        pub code_expires_at_us: Option<i64>,
        pub verified_at_us: Option<i64>,
        /// The mark once it is verified: a number is one user's.
        #[sea_orm(column_type = "Text", nullable)]
        pub verified_mark: Option<String>,
        pub created_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;
use entity::{ActiveModel, Column, Entity};

pub(crate) async fn list(read: &impl ConnectionTrait, user_id: i64, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id).limit(limit).all(read).await
}

pub(crate) async fn insert(
    write: &impl ConnectionTrait,
    user_id: i64,
    sealed: Vec<u8>,
    mark: &str,
    now_us: i64,
) -> Result<Model, DbErr> {
    let row = ActiveModel {
        user_id: Set(user_id),
        sealed: Set(sealed),
        mark: Set(mark.to_owned()),
        created_at_us: Set(now_us),
        ..Default::default()
    };
    row.insert(write).await
}

/// Sets the code that was sent.
pub(crate) async fn set_code(write: &impl ConnectionTrait, id: i64, hash: &str, expires: i64) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::CodeHash, Expr::value(Some(hash.to_owned())))
        .col_expr(Column::CodeExpiresAtUs, Expr::value(Some(expires)));
    update.filter(Column::Id.eq(id)).exec(write).await.map(drop)
}

/// Notes that a phone is verified, and voids its code. Violates a unique key if another user has verified the number.
pub(crate) async fn set_verified(write: &impl ConnectionTrait, row: &Model, now_us: i64) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::CodeHash, Expr::value(None::<String>))
        .col_expr(Column::CodeExpiresAtUs, Expr::value(None::<i64>))
        .col_expr(Column::VerifiedAtUs, Expr::value(Some(now_us)))
        .col_expr(Column::VerifiedMark, Expr::value(Some(row.mark.clone())));
    update.filter(Column::Id.eq(row.id)).exec(write).await.map(drop)
}

pub(crate) async fn delete(write: &impl ConnectionTrait, user_id: i64, id: i64) -> Result<bool, DbErr> {
    let delete = Entity::delete_many().filter(Column::UserId.eq(user_id)).filter(Column::Id.eq(id));
    Ok(delete.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn delete_all(write: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(write).await.map(drop)
}
