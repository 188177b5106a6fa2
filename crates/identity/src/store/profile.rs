//! Rows of `identity_profiles`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_profiles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: i64,
        pub sealed: Vec<u8>,
        pub changed_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

pub(crate) async fn find(read: &impl ConnectionTrait, user_id: i64) -> Result<Option<Vec<u8>>, DbErr> {
    Ok(Entity::find_by_id(user_id).one(read).await?.map(|row| row.sealed))
}

pub(crate) async fn put(
    write: &impl ConnectionTrait,
    user_id: i64,
    sealed: Vec<u8>,
    changed_at_us: i64,
) -> Result<(), DbErr> {
    let row = ActiveModel { user_id: Set(user_id), sealed: Set(sealed), changed_at_us: Set(changed_at_us) };
    let over = OnConflict::column(Column::UserId).update_columns([Column::Sealed, Column::ChangedAtUs]).to_owned();
    Entity::insert(row).on_conflict(over).exec_without_returning(write).await.map(drop)
}

pub(crate) async fn delete(write: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    Entity::delete_by_id(user_id).exec(write).await.map(drop)
}
