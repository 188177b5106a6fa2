//! Rows of `markettime_schedules`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryOrder, QuerySelect, Set};

use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "markettime_schedules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub symbol: String,
        #[sea_orm(column_type = "Text")]
        pub rules: String,
        pub imported_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// Writes a schedule, over the one that is there.
pub(crate) async fn put(
    write: &impl ConnectionTrait,
    symbol: &str,
    rules: String,
    imported_us: i64,
) -> Result<(), DbErr> {
    let row = ActiveModel { symbol: Set(symbol.to_owned()), rules: Set(rules), imported_us: Set(imported_us) };
    let over = OnConflict::column(Column::Symbol).update_columns([Column::Rules, Column::ImportedUs]).to_owned();
    Entity::insert(row).on_conflict(over).exec_without_returning(write).await.map(drop)
}

pub(crate) async fn find(read: &impl ConnectionTrait, symbol: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(symbol.to_owned()).one(read).await
}

pub(crate) async fn all(read: &impl ConnectionTrait, most: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Symbol).limit(most).all(read).await
}

pub(crate) async fn count(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(read).await
}

/// Whether there was one.
pub(crate) async fn remove(write: &impl ConnectionTrait, symbol: &str) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(symbol.to_owned()).exec(write).await?.rows_affected == 1)
}
