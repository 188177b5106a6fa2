//! Rows of `jobs_queues`: what limits a queue, and how much of this window's rate is used.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::sql::Sql;

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs_queues")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        pub paused: i64,
        pub concurrency: Option<i64>,
        pub rate_jobs: Option<i64>,
        pub rate_us: Option<i64>,
        pub window_us: i64,
        pub window_jobs: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// A queue's row, and whether it has jobs whose time has come.
pub(crate) struct Locked {
    pub(crate) row: Model,
    pub(crate) due: bool,
}

/// Makes the queue's row if there is none.
pub(crate) async fn ensure(write: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let row = ActiveModel {
        name: Set(name.to_owned()),
        paused: Set(0),
        concurrency: Set(None),
        rate_jobs: Set(None),
        rate_us: Set(None),
        window_us: Set(0),
        window_jobs: Set(0),
    };
    let there = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(write).await.map(drop)
}

/// Reads a queue's row and locks it until the end of the transaction: alone, or together with others who only read it. Who
/// changes it waits for all of them, so that a pause holds from the moment that it was told.
pub(crate) async fn lock(
    write: &impl ConnectionTrait,
    name: &str,
    alone: bool,
    now_us: i64,
) -> Result<Option<Locked>, DbErr> {
    let columns = "name, paused, concurrency, rate_jobs, rate_us, window_us, window_jobs";
    let sql =
        Sql::new(write, &format!("SELECT {columns}, EXISTS (SELECT 1 FROM jobs_jobs WHERE state = 1 AND queue = "));
    let sql = sql
        .bind(name)
        .text(" AND run_at_us <= ")
        .bind(now_us)
        .text(") AS due FROM jobs_queues WHERE name = ")
        .bind(name);
    let sql = sql.on_postgres(if alone { " FOR UPDATE" } else { " FOR SHARE" });
    let Some(row) = write.query_one_raw(sql.build()).await? else { return Ok(None) };
    let due = row.try_get::<bool>("", "due")?;
    let row = Model {
        name: row.try_get("", "name")?,
        paused: row.try_get("", "paused")?,
        concurrency: row.try_get("", "concurrency")?,
        rate_jobs: row.try_get("", "rate_jobs")?,
        rate_us: row.try_get("", "rate_us")?,
        window_us: row.try_get("", "window_us")?,
        window_jobs: row.try_get("", "window_jobs")?,
    };
    Ok(Some(Locked { row, due }))
}

pub(crate) async fn set_window(
    write: &impl ConnectionTrait,
    name: &str,
    window_us: i64,
    window_jobs: i64,
) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::WindowUs, window_us.into())
        .col_expr(Column::WindowJobs, window_jobs.into());
    update.filter(Column::Name.eq(name)).exec(write).await.map(drop)
}

pub(crate) async fn set_paused(write: &impl ConnectionTrait, name: &str, paused: bool) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Paused, i64::from(paused).into());
    update.filter(Column::Name.eq(name)).exec(write).await.map(drop)
}

/// Sets the limits; a window that has begun begins anew.
pub(crate) async fn set_limits(
    write: &impl ConnectionTrait,
    name: &str,
    concurrency: Option<i64>,
    rate: Option<(i64, i64)>,
) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Concurrency, concurrency.into())
        .col_expr(Column::RateJobs, rate.map(|(jobs, _)| jobs).into())
        .col_expr(Column::RateUs, rate.map(|(_, us)| us).into())
        .col_expr(Column::WindowUs, 0_i64.into())
        .col_expr(Column::WindowJobs, 0_i64.into());
    update.filter(Column::Name.eq(name)).exec(write).await.map(drop)
}

/// The queues by name, at most `most`.
pub(crate) async fn all(read: &impl ConnectionTrait, most: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Name).limit(most).all(read).await
}
