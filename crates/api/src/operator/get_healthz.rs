//! `GET /healthz`: whether the process answers at all.

use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// Nothing: it is the operator's.
pub const COST: Cost = Cost::FREE;

/// Answers `{"status":"ok"}`.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("{\"status\":\"ok\"}".to_owned()))
}
