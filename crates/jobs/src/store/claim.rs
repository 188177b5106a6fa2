//! Taking jobs: what is due becomes waiting, and of what waits the first are taken.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::sql::Sql;

/// Jobs that become waiting in one go.
const DUE_AT_ONCE: i64 = 1_000;

/// What a worker is told of a job that it took.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Taken {
    pub(crate) id: i64,
    pub(crate) queue: String,
    pub(crate) kind: String,
    pub(crate) payload: String,
    pub(crate) priority: i64,
    pub(crate) run_at_us: i64,
    pub(crate) unique_key: Option<String>,
    pub(crate) retry: String,
    pub(crate) attempts: i64,
    pub(crate) claim: i64,
}

/// Who takes, and for how long without a sign.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taker<'a> {
    pub(crate) worker: &'a str,
    pub(crate) lease_us: i64,
    pub(crate) now_us: i64,
}

/// Whether a worker would find anything in a queue.
pub(crate) async fn anything(read: &impl ConnectionTrait, queue: &str, now_us: i64) -> Result<bool, DbErr> {
    let sql = Sql::new(read, "SELECT EXISTS (SELECT 1 FROM jobs_jobs WHERE state = 0 AND queue = ").bind(queue);
    let sql = sql.text(") OR EXISTS (SELECT 1 FROM jobs_jobs WHERE state = 1 AND queue = ").bind(queue);
    let sql = sql.text(" AND run_at_us <= ").bind(now_us).text(") AS found");
    let row = read.query_one_raw(sql.build()).await?;
    row.map_or(Ok(false), |row| row.try_get("", "found"))
}

/// Makes jobs waiting whose time has come. From then on no clock matters to them.
pub(crate) async fn make_due(write: &impl ConnectionTrait, queue: &str, now_us: i64) -> Result<(), DbErr> {
    let sql = Sql::new(
        write,
        "UPDATE jobs_jobs SET state = 0 WHERE id IN (SELECT id FROM jobs_jobs WHERE state = 1 AND queue = ",
    );
    let sql =
        sql.bind(queue).text(" AND run_at_us <= ").bind(now_us).text(" ORDER BY run_at_us LIMIT ").number(DUE_AT_ONCE);
    let sql = sql.on_postgres(" FOR UPDATE SKIP LOCKED").text(")");
    write.execute_raw(sql.build()).await.map(drop)
}

/// How many jobs of a queue run, in whatever process; counted no further than `most`.
pub(crate) async fn running(write: &impl ConnectionTrait, queue: &str, most: i64) -> Result<i64, DbErr> {
    let sql = Sql::new(write, "SELECT COUNT(*) FROM (SELECT 1 AS one FROM jobs_jobs WHERE state = 2 AND queue = ")
        .bind(queue);
    let sql = sql.text(" LIMIT ").number(most).text(") AS jobs_now");
    let row = write.query_one_raw(sql.build()).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

/// Takes up to `most` waiting jobs of these kinds, those of the highest priority first, then those that have been due longest.
/// On PostgreSQL it passes over jobs that somebody else is taking at this moment.
pub(crate) async fn take(
    write: &impl ConnectionTrait,
    queue: &str,
    kinds: &[&str],
    most: u32,
    taker: Taker<'_>,
) -> Result<Vec<Taken>, DbErr> {
    // Materialised, or PostgreSQL might look for the jobs anew for every row, and take more of them.
    let sql =
        Sql::new(write, "WITH jobs_picked AS MATERIALIZED (SELECT id FROM jobs_jobs WHERE state = 0 AND queue = ");
    let sql = sql.bind(queue).text(" AND kind IN (").bind_all(kinds.iter().copied());
    let sql = sql.text(") ORDER BY priority DESC, run_at_us, id LIMIT ").number(most);
    let sql = sql
        .on_postgres(" FOR UPDATE SKIP LOCKED")
        .text(") UPDATE jobs_jobs SET state = 2, beats = 0, attempts = attempts + 1");
    let sql = sql.text(", claim = claim + 1, worker = ").bind(taker.worker).text(", lease_us = ").bind(taker.lease_us);
    let sql = sql.text(", beat_us = ").bind(taker.now_us).text(", started_us = ").bind(taker.now_us);
    let sql =
        sql.text(" WHERE id IN (SELECT id FROM jobs_picked) RETURNING id, queue, kind, payload, priority, run_at_us, ");
    let sql = sql.text("unique_key, retry, attempts, claim");
    let mut taken = Taken::find_by_statement(sql.build()).all(write).await?;
    // Neither database says in which order it returns them.
    taken.sort_by_key(|job| (std::cmp::Reverse(job.priority), job.run_at_us, job.id));
    Ok(taken)
}
