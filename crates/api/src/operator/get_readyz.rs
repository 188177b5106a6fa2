//! `GET /readyz`: whether the process can do its work.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::call::ReplyKind;
use crate::{Call, Cost, Error, Reply, json};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// Nothing: it is the operator's.
pub const COST: Cost = Cost::FREE;

#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    components: BTreeMap<&'static str, String>,
}

/// Answers with each component, `"ok"` or the reason why not; status 503 when one is not ready.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let report = call.app.health.report().await;
    let components = report
        .components
        .into_iter()
        .map(|(name, state)| (name, state.err().unwrap_or_else(|| "ok".to_owned())))
        .collect();
    let body = json::to_string(&Readiness { ready: report.ready, components })?;
    let kind = if report.ready { ReplyKind::Json } else { ReplyKind::NotReady };
    Ok(Reply { body, kind, lag: None })
}
