//! Rows of `identity_tokens`.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::store::to_sql;
use crate::user::UserId;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_tokens")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        #[sea_orm(column_type = "Text")]
        pub purpose: String,
        #[sea_orm(column_type = "Text", unique)]
        pub hash: String,
        /// The password that was chosen with this token, which takes effect with it.
        #[sea_orm(column_type = "Text", nullable)]
        pub password_hash: Option<String>,
        pub created_at_us: i64,
        pub expires_at_us: i64,
        pub used_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) struct New<'a> {
    pub(crate) user: UserId,
    pub(crate) purpose: &'static str,
    pub(crate) hash: String,
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) now_us: u64,
    pub(crate) expires_at_us: u64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(new.user.0),
        purpose: Set(new.purpose.to_owned()),
        hash: Set(new.hash),
        password_hash: Set(new.password_hash.map(str::to_owned)),
        created_at_us: Set(to_sql(new.now_us)),
        expires_at_us: Set(to_sql(new.expires_at_us)),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

/// The token if it is good.
pub(crate) async fn live(
    read: &impl ConnectionTrait,
    purpose: &str,
    hash: &str,
    now_us: u64,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(good(purpose, hash, now_us)).one(read).await
}

/// Marks a good token as used. `false`: it is not good, or another request was first.
pub(crate) async fn take(write: &impl ConnectionTrait, purpose: &str, hash: &str, now_us: u64) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::UsedAtUs, to_sql(now_us).into());
    Ok(update.filter(good(purpose, hash, now_us)).exec(write).await?.rows_affected == 1)
}

/// Deletes the user's tokens of this purpose but the newest `keep`.
pub(crate) async fn trim(write: &impl ConnectionTrait, user: UserId, purpose: &str, keep: u64) -> Result<(), DbErr> {
    let mine = Condition::all().add(Column::UserId.eq(user.0)).add(Column::Purpose.eq(purpose));
    if keep == 0 {
        return Entity::delete_many().filter(mine).exec(write).await.map(drop);
    }
    let oldest_kept =
        Entity::find().filter(mine.clone()).order_by_desc(Column::Id).offset(keep - 1).limit(1).one(write).await?;
    let Some(oldest_kept) = oldest_kept else { return Ok(()) };
    Entity::delete_many().filter(mine.add(Column::Id.lt(oldest_kept.id))).exec(write).await.map(drop)
}

/// Deletes tokens that expired before.
pub(crate) async fn purge(write: &impl ConnectionTrait, before_us: u64) -> Result<u64, DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAtUs.lt(to_sql(before_us)));
    Ok(expired.exec(write).await?.rows_affected)
}

fn good(purpose: &str, hash: &str, now_us: u64) -> Condition {
    Condition::all()
        .add(Column::Hash.eq(hash))
        .add(Column::Purpose.eq(purpose))
        .add(Column::UsedAtUs.into_expr().is_null())
        .add(Column::ExpiresAtUs.gt(to_sql(now_us)))
}
