//! `GET /healthz`: whether the process answers at all.

use crate::{Call, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];

/// Answers `{"status":"ok"}`.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("{\"status\":\"ok\"}".to_owned()))
}
