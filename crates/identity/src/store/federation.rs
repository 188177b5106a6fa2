//! Rows of `identity_federations`.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::federations::MAX_FEDERATIONS;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_federations")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        #[sea_orm(column_type = "Text")]
        pub issuer: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        pub linked_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) async fn insert(
    write: &impl ConnectionTrait,
    user_id: i64,
    issuer: &str,
    subject: &str,
    linked_at_us: i64,
) -> Result<Model, DbErr> {
    let row = ActiveModel {
        user_id: Set(user_id),
        issuer: Set(issuer.to_owned()),
        subject: Set(subject.to_owned()),
        linked_at_us: Set(linked_at_us),
        ..Default::default()
    };
    row.insert(write).await
}

pub(crate) async fn find(read: &impl ConnectionTrait, issuer: &str, subject: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Issuer.eq(issuer)).filter(Column::Subject.eq(subject)).one(read).await
}

pub(crate) async fn count(read: &impl ConnectionTrait, user_id: i64) -> Result<u64, DbErr> {
    Entity::find().filter(Column::UserId.eq(user_id)).count(read).await
}

pub(crate) async fn list(read: &impl ConnectionTrait, user_id: i64) -> Result<Vec<Model>, DbErr> {
    let of_user = Entity::find().filter(Column::UserId.eq(user_id));
    of_user.order_by_asc(Column::Id).limit(MAX_FEDERATIONS).all(read).await
}

/// Whether the user had it.
pub(crate) async fn delete(write: &impl ConnectionTrait, user_id: i64, id: i64) -> Result<bool, DbErr> {
    let delete = Entity::delete_many().filter(Column::UserId.eq(user_id)).filter(Column::Id.eq(id));
    Ok(delete.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn delete_all(write: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(write).await.map(drop)
}
