//! Rows of `jobs_jobs`: what is written when a job is enqueued, and what is read of it.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set};

use super::sql::Sql;
use super::time;
use crate::{NewJob, State};

pub(crate) mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs_jobs")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub queue: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub payload: String,
        pub priority: i64,
        pub state: i64,
        pub run_at_us: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub unique_key: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub retry: String,
        pub attempts: i64,
        pub claim: i64,
        pub beats: i64,
        pub beat_us: i64,
        pub lease_us: i64,
        #[sea_orm(column_type = "Text")]
        pub worker: String,
        pub created_us: i64,
        pub started_us: Option<i64>,
        pub finished_us: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub error: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::ActiveModel;
pub(crate) use entity::{Column, Entity, Model};

/// Rows of one statement: far from the most parameters that a statement may have, 32,766 on SQLite and 65,535 on PostgreSQL.
const ROWS: usize = 250;

fn row(job: &NewJob, payload: String, retry: String, now_us: i64) -> ActiveModel {
    let run_at_us = job.run_at_us.map_or(now_us, time);
    let state = if run_at_us > now_us { State::Delayed } else { State::Waiting };
    ActiveModel {
        id: NotSet,
        queue: Set(job.queue.clone()),
        kind: Set(job.kind.clone()),
        payload: Set(payload),
        priority: Set(job.priority.into()),
        state: Set(state.code()),
        run_at_us: Set(run_at_us),
        unique_key: Set(job.unique_key.clone()),
        retry: Set(retry),
        attempts: Set(0),
        claim: Set(0),
        beats: Set(0),
        beat_us: Set(0),
        lease_us: Set(0),
        worker: Set(String::new()),
        created_us: Set(now_us),
        started_us: Set(None),
        finished_us: Set(None),
        error: Set(None),
    }
}

/// Inserts a job; `None` if one with its unique key is active. An insert that fails would spoil the caller's transaction on
/// PostgreSQL, so it says beforehand that it may come to nothing.
pub(crate) async fn insert(
    write: &impl ConnectionTrait,
    job: &NewJob,
    payload: String,
    retry: String,
    now_us: i64,
) -> Result<Option<i64>, DbErr> {
    let mut insert = Entity::insert(row(job, payload, retry, now_us)).into_query();
    insert.on_conflict(OnConflict::new().do_nothing().to_owned()).returning_col(Column::Id);
    let inserted = write.query_one(&insert).await?;
    inserted.map(|row| row.try_get_by_index(0)).transpose()
}

/// A job with its payload and its policy as texts.
pub(crate) type Checked<'a> = (&'a NewJob, String, String);

/// Inserts many jobs; those whose unique key is active are left out. Gives how many were inserted.
pub(crate) async fn insert_many(
    write: &impl ConnectionTrait,
    jobs: Vec<Checked<'_>>,
    now_us: i64,
) -> Result<u64, DbErr> {
    let mut inserted = 0;
    let mut jobs = jobs.into_iter();
    loop {
        let rows: Vec<ActiveModel> =
            jobs.by_ref().take(ROWS).map(|(job, payload, retry)| row(job, payload, retry, now_us)).collect();
        if rows.is_empty() {
            return Ok(inserted);
        }
        let mut insert = Entity::insert_many(rows).into_query();
        insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        inserted += write.execute(&insert).await?.rows_affected();
    }
}

/// The active job with this key.
pub(crate) async fn active(read: &impl ConnectionTrait, kind: &str, key: &str) -> Result<Option<i64>, DbErr> {
    let sql = Sql::new(read, "SELECT id FROM jobs_jobs WHERE state <= 2 AND unique_key IS NOT NULL AND kind = ");
    let sql = sql.bind(kind).text(" AND unique_key = ").bind(key);
    let found = read.query_one_raw(sql.build()).await?;
    found.map(|row| row.try_get_by_index(0)).transpose()
}

/// How many jobs of a queue wait, due or not; counted no further than `most`.
pub(crate) async fn waiting(read: &impl ConnectionTrait, queue: &str, most: u64) -> Result<u64, DbErr> {
    let most = time(most);
    let sql =
        Sql::new(read, "SELECT COUNT(*) FROM (SELECT 1 AS one FROM jobs_jobs WHERE state = 0 AND queue = ").bind(queue);
    let sql = sql.text(" LIMIT ").number(most).text(") AS jobs_due");
    let due: i64 = first(read, sql).await?;
    let sql =
        Sql::new(read, "SELECT COUNT(*) FROM (SELECT 1 AS one FROM jobs_jobs WHERE state = 1 AND queue = ").bind(queue);
    let sql = sql.text(" LIMIT ").number(most).text(") AS jobs_later");
    let later: i64 = first(read, sql).await?;
    Ok(super::from_time(due.saturating_add(later)))
}

/// The first column of the only row.
async fn first(read: &impl ConnectionTrait, sql: Sql) -> Result<i64, DbErr> {
    let row = read.query_one_raw(sql.build()).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

pub(crate) async fn find(read: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(read).await
}

/// The row, locked until the end of the transaction.
pub(crate) async fn lock(write: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, DbErr> {
    // SQLite has no such clause and needs none; the query builder leaves it out there.
    Entity::find_by_id(id).lock_exclusive().one(write).await
}

/// Where a row stands when somebody takes it in hand who holds no claim on it. The claim rises, so that a worker which held it
/// can change nothing any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) state: State,
    pub(crate) run_at_us: i64,
    pub(crate) attempts: i64,
    pub(crate) finished_us: Option<i64>,
}

pub(crate) async fn put(write: &impl ConnectionTrait, id: i64, place: Place) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, place.state.code().into())
        .col_expr(Column::RunAtUs, place.run_at_us.into())
        .col_expr(Column::Attempts, place.attempts.into())
        .col_expr(Column::FinishedUs, place.finished_us.into())
        .col_expr(
            Column::Claim,
            sea_orm::sea_query::ExprTrait::add(sea_orm::ColumnTrait::into_expr(Column::Claim), 1_i64),
        );
    update.filter(sea_orm::ColumnTrait::eq(&Column::Id, id)).exec(write).await.map(drop)
}

/// Deletes finished jobs of a queue and state that finished before a time, the oldest first, at most `most`; their failures with
/// them.
pub(crate) async fn delete_finished(
    write: &impl ConnectionTrait,
    queue: &str,
    state: State,
    before_us: i64,
    most: u32,
) -> Result<u64, DbErr> {
    let sql =
        Sql::new(write, "DELETE FROM jobs_jobs WHERE id IN (SELECT id FROM jobs_jobs WHERE state >= 3 AND queue = ");
    let sql = sql.bind(queue).text(" AND state = ").number(state.code()).text(" AND finished_us < ").bind(before_us);
    let sql = sql.text(" ORDER BY finished_us LIMIT ").number(most).on_postgres(" FOR UPDATE SKIP LOCKED").text(")");
    Ok(write.execute_raw(sql.build()).await?.rows_affected())
}
