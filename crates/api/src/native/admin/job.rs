//! The queues: what is in them, and what can be done with it.

use jobs::{Filter, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::native::input::{Json, Nothing, Query};
use crate::native::output::{Created, Done, Ok200, Page};
use crate::native::page::{keyset, page};
use crate::native::shapes::{PageQuery, number, time};
use crate::native::{Call, Officer, Problem};

/// A queue with what is in it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct QueueShape {
    /// Its name.
    name: String,
    /// Whether no job is given out.
    paused: bool,
    /// Jobs that may run at once, in all processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<u32>,
    /// Jobs that may begin in `rate_seconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_jobs: Option<u32>,
    /// The window of the rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_seconds: Option<f64>,
    /// Due.
    waiting: u64,
    /// Not due yet.
    delayed: u64,
    /// With a worker.
    running: u64,
    /// Done, and still kept.
    done: u64,
    /// Dead letters.
    dead: u64,
    /// Given up.
    cancelled: u64,
    /// For how long the oldest due job has waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_ms: Option<u64>,
}

impl From<jobs::QueueStatus> for QueueShape {
    fn from(status: jobs::QueueStatus) -> Self {
        let counts = status.counts;
        Self {
            name: status.name,
            paused: status.paused,
            concurrency: status.limits.concurrency,
            rate_jobs: status.limits.rate.map(|rate| rate.jobs),
            rate_seconds: status.limits.rate.map(|rate| rate.per.as_secs_f64()),
            waiting: counts.waiting,
            delayed: counts.delayed,
            running: counts.running,
            done: counts.done,
            dead: counts.dead,
            cancelled: counts.cancelled,
            waits_ms: status.waits_us.map(|us| us / 1_000),
        }
    }
}

/// The queues.
pub(in crate::native) async fn queues(call: Call<Officer, Nothing>) -> Result<Ok200<Vec<QueueShape>>, Problem> {
    let status = call.app.native.jobs.status().await?;
    Ok(Ok200(status.into_iter().map(QueueShape::from).collect()))
}

/// Pauses a queue: no job of it is given out until it is resumed.
pub(in crate::native) async fn pause(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    call.app.native.jobs.pause(call.segment("queue")).await?;
    Ok(Done)
}

/// Lets a paused queue go on.
pub(in crate::native) async fn resume(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    call.app.native.jobs.resume(call.segment("queue")).await?;
    Ok(Done)
}

/// What is cleaned away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Clean {
    /// `done`, `dead` or `cancelled`.
    state: String,
}

/// How much.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Cleaned {
    /// Jobs that were deleted.
    deleted: u32,
}

/// Deletes the finished jobs of a queue that are in a state.
pub(in crate::native) async fn clean(call: Call<Officer, Json<Clean>>) -> Result<Ok200<Cleaned>, Problem> {
    let state = state(&call.input.0.state)?;
    let deleted = call.app.native.jobs.clean(call.segment("queue"), state).await?;
    Ok(Ok200(Cleaned { deleted }))
}

/// Which jobs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Jobs {
    /// Of this queue.
    queue: Option<String>,
    /// Of this kind.
    kind: Option<String>,
    /// In this state.
    state: Option<String>,
    /// What the part before gave as `next`.
    cursor: Option<String>,
    /// How many rows at most: 1 to 100; 50 if it is left out.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A job in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct JobShape {
    /// Its id.
    id: i64,
    /// Its queue.
    queue: String,
    /// Its kind.
    kind: String,
    /// `waiting`, `delayed`, `running`, `done`, `dead` or `cancelled`.
    state: String,
    /// How often it was tried.
    attempts: u32,
    /// When it was, or is, due.
    run_at: String,
    /// When it was enqueued.
    created_at: String,
    /// When it was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    /// How the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<jobs::Summary> for JobShape {
    fn from(job: jobs::Summary) -> Self {
        Self {
            id: job.id,
            queue: job.queue,
            kind: job.kind,
            state: job.state.name().to_owned(),
            attempts: job.attempts,
            run_at: time(job.run_at_us),
            created_at: time(job.created_us),
            finished_at: job.finished_us.map(time),
            error: job.error,
        }
    }
}

/// Jobs, the newest first.
pub(in crate::native) async fn list(call: Call<Officer, Query<Jobs>>) -> Result<Ok200<Page<JobShape>>, Problem> {
    let Query(sent) = &call.input;
    let state = sent.state.as_deref().map(state).transpose()?;
    let filter = Filter { queue: sent.queue.clone(), kind: sent.kind.clone(), state };
    let part = keyset(&PageQuery { cursor: sent.cursor.clone(), limit: sent.limit })?;
    Ok(Ok200(page(call.app.native.jobs.page(&filter, &part).await?, JobShape::from)))
}

/// A failure of a job.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct FailureShape {
    /// Which attempt, from 1 on.
    attempt: u32,
    /// When it failed.
    at: String,
    /// With which worker.
    worker: String,
    /// How.
    error: String,
}

/// All that is known of a job.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct JobDetail {
    /// What a list shows.
    job: JobShape,
    /// With what it is to be done.
    payload: Value,
    /// Attempts that it may have.
    most_attempts: u32,
    /// The worker that has, or had, it.
    worker: String,
    /// Its failures, the newest first.
    failures: Vec<FailureShape>,
}

/// One job.
pub(in crate::native) async fn get(call: Call<Officer, Nothing>) -> Result<Ok200<JobDetail>, Problem> {
    let detail = call.app.native.jobs.detail(number(call.segment("id"))?).await?;
    let failure = |attempt: jobs::Attempt| FailureShape {
        attempt: attempt.attempt,
        at: time(attempt.at_us),
        worker: attempt.worker,
        error: attempt.error,
    };
    Ok(Ok200(JobDetail {
        job: detail.summary.into(),
        payload: detail.payload,
        most_attempts: detail.most_attempts,
        worker: detail.worker,
        failures: detail.failures.into_iter().map(failure).collect(),
    }))
}

/// Tries a finished job again, from its first attempt.
pub(in crate::native) async fn retry(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    call.app.native.jobs.retry(number(call.segment("id"))?).await?;
    Ok(Done)
}

/// Makes a job due at once that is put off.
pub(in crate::native) async fn promote(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    call.app.native.jobs.promote(number(call.segment("id"))?).await?;
    Ok(Done)
}

/// Gives a job up.
pub(in crate::native) async fn cancel(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    call.app.native.jobs.cancel(number(call.segment("id"))?).await?;
    Ok(Done)
}

/// A schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct ScheduleShape {
    /// Its name.
    name: String,
    /// The cron expression.
    cron: String,
    /// The time zone.
    zone: String,
    /// The queue of its jobs.
    queue: String,
    /// Their kind.
    kind: String,
    /// When it is carried out next.
    next_at: String,
    /// Which occurrence was carried out last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<String>,
}

/// The schedules.
pub(in crate::native) async fn schedules(call: Call<Officer, Nothing>) -> Result<Ok200<Vec<ScheduleShape>>, Problem> {
    Ok(Ok200(call.app.native.jobs.schedules().await?.into_iter().map(ScheduleShape::from).collect()))
}

impl From<jobs::Schedule> for ScheduleShape {
    fn from(schedule: jobs::Schedule) -> Self {
        Self {
            name: schedule.name,
            cron: schedule.cron,
            zone: schedule.zone,
            queue: schedule.queue,
            kind: schedule.kind,
            next_at: time(schedule.next_us),
            last_at: schedule.last_us.map(time),
        }
    }
}

/// A job that was enqueued.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct JobId {
    /// Its id.
    id: i64,
}

/// Enqueues the job of a schedule now.
pub(in crate::native) async fn run_schedule(call: Call<Officer, Nothing>) -> Result<Created<JobId>, Problem> {
    let enqueued = call.app.native.jobs.run_schedule(call.segment("name")).await?;
    Ok(Created(JobId { id: enqueued.id() }))
}

fn state(text: &str) -> Result<State, Problem> {
    let wrong = || Problem::bad_request("state_invalid", "state is waiting, delayed, running, done, dead or cancelled");
    State::ALL.into_iter().find(|state| state.name() == text).ok_or_else(wrong)
}

impl From<jobs::Error> for Problem {
    fn from(error: jobs::Error) -> Self {
        use axum::http::StatusCode;
        let status = match &error {
            jobs::Error::Invalid { .. } => StatusCode::BAD_REQUEST,
            jobs::Error::NotFound { .. } | jobs::Error::NoSchedule { .. } => StatusCode::NOT_FOUND,
            jobs::Error::WrongState { .. } | jobs::Error::KeyActive { .. } => StatusCode::CONFLICT,
            jobs::Error::Full { .. } => return Self::unavailable(error),
            _ if error.is_transient() => return Self::unavailable(error),
            _ => return Self::internal(error),
        };
        Self::refused(status, error.code(), error.to_string())
    }
}
