//! Rows of `identity_totp` and `identity_recovery_codes`.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set,
};

use crate::store::to_sql;
use crate::user::UserId;

mod secrets {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_totp")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: i64,
        pub sealed_secret: Vec<u8>,
        /// The greatest step whose code was used.
        pub last_step: i64,
        pub created_at_us: i64,
        pub confirmed_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod codes {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_recovery_codes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        #[sea_orm(column_type = "Text")]
        pub hash: String,
        pub used_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use secrets::Model;

pub(crate) async fn find(read: &impl ConnectionTrait, user: UserId) -> Result<Option<Model>, DbErr> {
    secrets::Entity::find_by_id(user.0).one(read).await
}

/// The row; nobody else changes it before the transaction ends.
pub(crate) async fn lock(write: &impl ConnectionTrait, user: UserId) -> Result<Option<Model>, DbErr> {
    secrets::Entity::find_by_id(user.0).lock_exclusive().one(write).await
}

pub(crate) async fn insert(
    write: &impl ConnectionTrait,
    user: UserId,
    sealed_secret: Vec<u8>,
    now_us: u64,
) -> Result<(), DbErr> {
    let row = secrets::ActiveModel {
        user_id: Set(user.0),
        sealed_secret: Set(sealed_secret),
        last_step: Set(0),
        created_at_us: Set(to_sql(now_us)),
        confirmed_at_us: Set(None),
    };
    secrets::Entity::insert(row).exec_without_returning(write).await.map(drop)
}

/// Notes that the code of this step was used. `false`: it, or that of a later one, was used before.
pub(crate) async fn use_step(write: &impl ConnectionTrait, user: UserId, step: u64) -> Result<bool, DbErr> {
    let update = secrets::Entity::update_many().col_expr(secrets::Column::LastStep, to_sql(step).into());
    let update = update.filter(secrets::Column::UserId.eq(user.0)).filter(secrets::Column::LastStep.lt(to_sql(step)));
    Ok(update.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn confirm(write: &impl ConnectionTrait, user: UserId, now_us: u64) -> Result<bool, DbErr> {
    let update = secrets::Entity::update_many().col_expr(secrets::Column::ConfirmedAtUs, to_sql(now_us).into());
    let update = update.filter(secrets::Column::UserId.eq(user.0)).filter(secrets::Column::ConfirmedAtUs.is_null());
    Ok(update.exec(write).await?.rows_affected == 1)
}

/// Deletes the secret and the recovery codes.
pub(crate) async fn delete(write: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    secrets::Entity::delete_by_id(user.0).exec(write).await?;
    delete_codes(write, user).await
}

pub(crate) async fn delete_codes(write: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    codes::Entity::delete_many().filter(codes::Column::UserId.eq(user.0)).exec(write).await.map(drop)
}

pub(crate) async fn insert_code(write: &impl ConnectionTrait, user: UserId, hash: String) -> Result<(), DbErr> {
    let row = codes::ActiveModel { user_id: Set(user.0), hash: Set(hash), ..Default::default() };
    row.insert(write).await.map(drop)
}

/// Uses a recovery code up. `false`: there is none, or it was used before.
pub(crate) async fn use_code(
    write: &impl ConnectionTrait,
    user: UserId,
    hash: &str,
    now_us: u64,
) -> Result<bool, DbErr> {
    let update = codes::Entity::update_many().col_expr(codes::Column::UsedAtUs, to_sql(now_us).into());
    let update = update
        .filter(codes::Column::UserId.eq(user.0))
        .filter(codes::Column::Hash.eq(hash))
        .filter(codes::Column::UsedAtUs.is_null());
    Ok(update.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn codes_left(read: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    let left = codes::Entity::find().filter(codes::Column::UserId.eq(user.0));
    left.filter(codes::Column::UsedAtUs.is_null()).count(read).await
}
