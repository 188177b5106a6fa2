//! `GET /metrics`: the process's counters, for Prometheus.

use crate::call::ReplyKind;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::other("Counters, for Prometheus", "text/plain");
/// Nothing: it is the operator's.
pub const COST: Cost = Cost::FREE;

/// Answers with the text format of Prometheus; `rialto_tasks`, the number of tasks that live, is taken now.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    metrics::gauge!("rialto_tasks").set(tasks as f64);
    Ok(Reply { body: call.app.metrics.render(), kind: ReplyKind::Metrics, lag: None })
}
