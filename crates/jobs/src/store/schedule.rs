//! Rows of `jobs_schedules`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs_schedules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub cron: String,
        #[sea_orm(column_type = "Text")]
        pub zone: String,
        #[sea_orm(column_type = "Text")]
        pub queue: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub payload: String,
        pub priority: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub unique_key: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub retry: String,
        pub next_us: i64,
        pub last_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;
use entity::{Column, Entity};

pub(crate) async fn find(read: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(name.to_owned()).lock_exclusive().one(read).await
}

/// Writes a schedule, over the one that is there. When it last ran stays.
pub(crate) async fn put(write: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let columns = [
        Column::Cron,
        Column::Zone,
        Column::Queue,
        Column::Kind,
        Column::Payload,
        Column::Priority,
        Column::UniqueKey,
        Column::Retry,
        Column::NextUs,
    ];
    let over = OnConflict::column(Column::Name).update_columns(columns).to_owned();
    let row = sea_orm::ActiveModelTrait::reset_all(row.into_active_model());
    Entity::insert(row).on_conflict(over).exec_without_returning(write).await.map(drop)
}

/// Whether there was one.
pub(crate) async fn remove(write: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(name.to_owned()).exec(write).await?.rows_affected == 1)
}

pub(crate) async fn count(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(read).await
}

pub(crate) async fn all(read: &impl ConnectionTrait, most: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Name).limit(most).all(read).await
}

/// Schedules whose time has come, the earliest first.
pub(crate) async fn due(read: &impl ConnectionTrait, now_us: i64, most: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::NextUs.lte(now_us)).order_by_asc(Column::NextUs).limit(most).all(read).await
}

/// Moves a schedule from one occurrence to the next; `false` if somebody else has moved it. `fired` says that the first one is
/// carried out.
pub(crate) async fn advance(
    write: &impl ConnectionTrait,
    name: &str,
    from_us: i64,
    to_us: i64,
    fired: bool,
) -> Result<bool, DbErr> {
    let mut update = Entity::update_many().col_expr(Column::NextUs, to_us.into());
    if fired {
        update = update.col_expr(Column::LastUs, Some(from_us).into());
    }
    let update = update.filter(Column::Name.eq(name)).filter(Column::NextUs.eq(from_us));
    Ok(update.exec(write).await?.rows_affected == 1)
}
