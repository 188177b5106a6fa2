//! What administrators look at.

use db::page::Keyset;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::job::{Column, Entity, Model};
use super::sql::Sql;
use crate::State;

/// Which jobs are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) queue: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) state: Option<State>,
}

pub(crate) async fn page(
    read: &impl ConnectionTrait,
    wanted: Wanted<'_>,
    keyset: &Keyset<i64>,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find();
    if let Some(queue) = wanted.queue {
        select = select.filter(Column::Queue.eq(queue));
    }
    if let Some(kind) = wanted.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(state) = wanted.state {
        select = select.filter(Column::State.eq(state.code()));
    }
    keyset.apply(select, Column::Id).all(read).await
}

/// How many jobs of a queue are in a state, counted no further than `most`.
pub(crate) async fn count(read: &impl ConnectionTrait, queue: &str, state: State, most: u32) -> Result<u64, DbErr> {
    // The condition of the partial index that serves the state, in its words.
    let sql = match state {
        State::Waiting => "state = 0",
        State::Delayed => "state = 1",
        State::Running => "state = 2",
        State::Done => "state >= 3 AND state = 3",
        State::Dead => "state >= 3 AND state = 4",
        State::Cancelled => "state >= 3 AND state = 5",
    };
    let sql = Sql::new(read, &format!("SELECT COUNT(*) FROM (SELECT 1 AS one FROM jobs_jobs WHERE {sql} AND queue = "));
    let sql = sql.bind(queue).text(" LIMIT ").number(most).text(") AS jobs_counted");
    let row = read.query_one_raw(sql.build()).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(super::from_time(count))
}

/// When the job of a queue that waits longest was due.
pub(crate) async fn oldest_due_us(read: &impl ConnectionTrait, queue: &str) -> Result<Option<i64>, DbErr> {
    let sql = Sql::new(read, "SELECT MIN(run_at_us) FROM jobs_jobs WHERE state = 0 AND queue = ").bind(queue);
    let row = read.query_one_raw(sql.build()).await?;
    row.map_or(Ok(None), |row| row.try_get_by_index(0))
}
