//! Rows of `identity_labels` and `identity_levels`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::store::to_sql;
use crate::user::UserId;

mod labels {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_labels")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        #[sea_orm(column_type = "Text")]
        pub key: String,
        #[sea_orm(column_type = "Text")]
        pub value: String,
        #[sea_orm(column_type = "Text")]
        pub scope: String,
        pub changed_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod levels {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_levels")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub level: i64,
        #[sea_orm(column_type = "Text")]
        pub key: String,
        #[sea_orm(column_type = "Text")]
        pub value: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use labels::Model;
pub(crate) use levels::Model as Rule;

pub(crate) async fn of(read: &impl ConnectionTrait, user: UserId, limit: u64) -> Result<Vec<Model>, DbErr> {
    let mine = labels::Entity::find().filter(labels::Column::UserId.eq(user.0));
    mine.order_by_asc(labels::Column::Id).limit(limit).all(read).await
}

pub(crate) async fn count(read: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    labels::Entity::find().filter(labels::Column::UserId.eq(user.0)).count(read).await
}

pub(crate) async fn set(
    write: &impl ConnectionTrait,
    user: UserId,
    scope: &str,
    (key, value): (&str, &str),
    now_us: u64,
) -> Result<(), DbErr> {
    let row = labels::ActiveModel {
        user_id: Set(user.0),
        key: Set(key.to_owned()),
        value: Set(value.to_owned()),
        scope: Set(scope.to_owned()),
        changed_at_us: Set(to_sql(now_us)),
        ..Default::default()
    };
    let same = OnConflict::columns([labels::Column::UserId, labels::Column::Scope, labels::Column::Key])
        .update_columns([labels::Column::Value, labels::Column::ChangedAtUs])
        .to_owned();
    labels::Entity::insert(row).on_conflict(same).exec_without_returning(write).await.map(drop)
}

/// Whether it was there.
pub(crate) async fn delete(write: &impl ConnectionTrait, user: UserId, scope: &str, key: &str) -> Result<bool, DbErr> {
    let delete = labels::Entity::delete_many()
        .filter(labels::Column::UserId.eq(user.0))
        .filter(labels::Column::Scope.eq(scope))
        .filter(labels::Column::Key.eq(key));
    Ok(delete.exec(write).await?.rows_affected > 0)
}

pub(crate) async fn delete_all(write: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    labels::Entity::delete_many().filter(labels::Column::UserId.eq(user.0)).exec(write).await.map(drop)
}

/// What levels ask for, the lowest first.
pub(crate) async fn rules(read: &impl ConnectionTrait, limit: u64) -> Result<Vec<Rule>, DbErr> {
    let rules = levels::Entity::find().order_by_asc(levels::Column::Level).order_by_asc(levels::Column::Id);
    rules.limit(limit).all(read).await
}

pub(crate) async fn replace_rules(write: &impl ConnectionTrait, rules: &[(u8, &str, &str)]) -> Result<(), DbErr> {
    levels::Entity::delete_many().exec(write).await?;
    for (level, key, value) in rules {
        let row = levels::ActiveModel {
            level: Set(i64::from(*level)),
            key: Set((*key).to_owned()),
            value: Set((*value).to_owned()),
            ..Default::default()
        };
        levels::Entity::insert(row).exec_without_returning(write).await?;
    }
    Ok(())
}
