//! Rows of `identity_service_keys`.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_service_keys")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub public: String,
        #[sea_orm(column_type = "Text")]
        pub secret_hash: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// With spaces between them.
        #[sea_orm(column_type = "Text")]
        pub scopes: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub addresses: Option<String>,
        pub created_at_us: i64,
        pub revoked_at_us: Option<i64>,
        pub last_used_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// A row to be written.
pub(crate) struct New<'a> {
    pub(crate) public: &'a str,
    pub(crate) secret_hash: String,
    pub(crate) name: &'a str,
    pub(crate) scopes: String,
    pub(crate) addresses: Option<String>,
    pub(crate) now_us: i64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<Model, DbErr> {
    let row = ActiveModel {
        public: Set(new.public.to_owned()),
        secret_hash: Set(new.secret_hash),
        name: Set(new.name.to_owned()),
        scopes: Set(new.scopes),
        addresses: Set(new.addresses),
        created_at_us: Set(new.now_us),
        ..Default::default()
    };
    row.insert(write).await
}

pub(crate) async fn find_live(read: &impl ConnectionTrait, public: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Public.eq(public)).filter(Column::RevokedAtUs.is_null()).one(read).await
}

pub(crate) async fn count_live(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::RevokedAtUs.is_null()).count(read).await
}

pub(crate) async fn list(read: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_desc(Column::Id).limit(limit).all(read).await
}

pub(crate) async fn revoke(write: &impl ConnectionTrait, public: &str, now_us: i64) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::RevokedAtUs, Expr::value(Some(now_us)));
    let update = update.filter(Column::Public.eq(public)).filter(Column::RevokedAtUs.is_null());
    Ok(update.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn set_used(write: &impl ConnectionTrait, id: i64, now_us: i64) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::LastUsedUs, Expr::value(Some(now_us)));
    update.filter(Column::Id.eq(id)).exec(write).await.map(drop)
}
