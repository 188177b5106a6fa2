//! Rows of `identity_permissions`.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_permissions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub role: String,
        #[sea_orm(column_type = "Text")]
        pub operation: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) async fn all(read: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Id).limit(limit).all(read).await
}

pub(crate) async fn count(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(read).await
}

/// Adds a permission, unless it is there.
pub(crate) async fn insert(write: &impl ConnectionTrait, role: &str, operation: &str) -> Result<(), DbErr> {
    let row = ActiveModel { role: Set(role.to_owned()), operation: Set(operation.to_owned()), ..Default::default() };
    let insert = Entity::insert(row).on_conflict_do_nothing_on([Column::Role, Column::Operation]);
    insert.exec_without_returning(write).await.map(drop)
}

/// Whether it was there.
pub(crate) async fn delete(write: &impl ConnectionTrait, role: &str, operation: &str) -> Result<bool, DbErr> {
    let delete = Entity::delete_many().filter(Column::Role.eq(role)).filter(Column::Operation.eq(operation));
    Ok(delete.exec(write).await?.rows_affected > 0)
}
