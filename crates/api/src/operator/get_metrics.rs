//! `GET /metrics`: the process's counters, for Prometheus.

use crate::call::ReplyKind;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// Nothing: it is the operator's.
pub const COST: Cost = Cost::FREE;

/// Answers with the text format of Prometheus.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    Ok(Reply { body: call.app.metrics.render(), kind: ReplyKind::Metrics, lag: None })
}
