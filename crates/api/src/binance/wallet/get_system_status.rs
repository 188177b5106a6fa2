//! `GET /sapi/v1/system/status`: whether the exchange is at work.

use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers `normal` when all parts of the program are ready, else `system_maintenance`; `/readyz` says which part is not.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let (status, msg) = if call.app.health.report().await.ready { (0, "normal") } else { (1, "system_maintenance") };
    Ok(Reply::json(format!("{{\"status\":{status},\"msg\":\"{msg}\"}}")))
}
