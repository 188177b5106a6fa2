//! What happens to jobs that a worker holds. Every statement names the claim, so that it changes nothing for a worker that lost
//! the job.
//!
//! On PostgreSQL rows are locked in the order of their ids, so that two statements never wait for each other.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::sql::Sql;
use crate::State;
use crate::job::Hold;

/// Holds of one statement.
pub(crate) const AT_ONCE: usize = 500;

/// A job that somebody holds, and how often he has given a sign.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct Sign {
    pub(crate) id: i64,
    pub(crate) claim: i64,
    pub(crate) beats: i64,
    pub(crate) lease_us: i64,
    pub(crate) attempts: i64,
    pub(crate) retry: String,
    pub(crate) worker: String,
    pub(crate) queue: String,
    pub(crate) kind: String,
}

/// Begins a statement over those of the holds that still hold, which it may change by `id IN (SELECT id FROM jobs_locked)`.
fn holding(write: &impl ConnectionTrait, holds: &[Hold], wait: &str) -> Sql {
    let mut sql = Sql::new(write, "WITH jobs_held(id, claim) AS (VALUES ");
    for (index, hold) in holds.iter().enumerate() {
        let comma = if index == 0 { "(" } else { ", (" };
        sql = sql.text(comma).number(hold.id).text(", ").number(hold.claim).text(")");
    }
    // For SQLite a cross join is the order in which it looks: from the holds to the jobs, never through all jobs.
    let join = "), jobs_locked AS MATERIALIZED (SELECT j.id FROM jobs_held h CROSS JOIN jobs_jobs j \
                WHERE j.id = h.id AND j.claim = h.claim AND j.state = 2 ORDER BY j.id";
    sql.text(join).on_postgres(" FOR UPDATE OF j").on_postgres(wait).text(")")
}

async fn ids(write: &impl ConnectionTrait, sql: Sql) -> Result<Vec<i64>, DbErr> {
    let rows = write.query_all_raw(sql.text(" RETURNING id").build()).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Completes jobs; gives those that were still held.
pub(crate) async fn complete(write: &impl ConnectionTrait, holds: &[Hold], now_us: i64) -> Result<Vec<i64>, DbErr> {
    let sql = holding(write, holds, "").text(" UPDATE jobs_jobs SET state = 3, finished_us = ").bind(now_us);
    ids(write, sql.text(" WHERE id IN (SELECT id FROM jobs_locked)")).await
}

/// Gives jobs back as if they had not been taken; gives those that were still held.
pub(crate) async fn give_back(write: &impl ConnectionTrait, holds: &[Hold]) -> Result<Vec<i64>, DbErr> {
    let sql = holding(write, holds, "").text(" UPDATE jobs_jobs SET state = 0, attempts = attempts - 1");
    ids(write, sql.text(" WHERE id IN (SELECT id FROM jobs_locked)")).await
}

/// Gives a sign for each hold. Gives those for which it could be given: not jobs that are lost, nor those whose handler has
/// completed them in a transaction that is not committed yet, which is not waited for.
pub(crate) async fn beat(write: &impl ConnectionTrait, holds: &[Hold], now_us: i64) -> Result<Vec<i64>, DbErr> {
    let sql =
        holding(write, holds, " SKIP LOCKED").text(" UPDATE jobs_jobs SET beats = beats + 1, beat_us = ").bind(now_us);
    ids(write, sql.text(" WHERE id IN (SELECT id FROM jobs_locked)")).await
}

/// Those of the holds that still hold.
pub(crate) async fn still(read: &impl ConnectionTrait, holds: &[Hold]) -> Result<Vec<i64>, DbErr> {
    let sql = Sql::new(read, "SELECT id, claim FROM jobs_jobs WHERE state = 2 AND id IN (");
    let sql = sql.bind_all(holds.iter().map(|hold| hold.id)).text(")");
    let mut still = Vec::new();
    for row in read.query_all_raw(sql.build()).await? {
        let hold = Hold { id: row.try_get_by_index(0)?, claim: row.try_get_by_index(1)? };
        if holds.contains(&hold) {
            still.push(hold.id);
        }
    }
    Ok(still)
}

/// Where a job goes after an attempt that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next {
    pub(crate) state: State,
    pub(crate) run_at_us: i64,
    pub(crate) finished_us: Option<i64>,
}

/// Puts a job where it goes after a failure; `false` if it was not held any more. `beats`, if it is given, must be the last sign.
pub(crate) async fn fail(
    write: &impl ConnectionTrait,
    hold: Hold,
    beats: Option<i64>,
    next: Next,
    error: &str,
) -> Result<bool, DbErr> {
    let sql = Sql::new(write, "UPDATE jobs_jobs SET state = ")
        .number(next.state.code())
        .text(", run_at_us = ")
        .bind(next.run_at_us);
    let sql = sql.text(", finished_us = ").bind(next.finished_us).text(", error = ").bind(error);
    let mut sql = sql.text(" WHERE state = 2 AND id = ").bind(hold.id).text(" AND claim = ").bind(hold.claim);
    if let Some(beats) = beats {
        sql = sql.text(" AND beats = ").bind(beats);
    }
    Ok(write.execute_raw(sql.build()).await?.rows_affected() == 1)
}

/// The jobs that are held in a queue, in whatever process, at most `most`.
pub(crate) async fn signs(read: &impl ConnectionTrait, queue: &str, most: u32) -> Result<Vec<Sign>, DbErr> {
    let columns = "id, claim, beats, lease_us, attempts, retry, worker, queue, kind";
    let sql = Sql::new(read, &format!("SELECT {columns} FROM jobs_jobs WHERE state = 2 AND queue = ")).bind(queue);
    Sign::find_by_statement(sql.text(" ORDER BY id LIMIT ").number(most).build()).all(read).await
}
