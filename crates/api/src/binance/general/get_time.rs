//! `GET /api/v3/time`: the time of day, for clients to set their clocks by.

use crate::{Call, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];

/// Answers `{"serverTime":…}`.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    Ok(Reply::json(format!("{{\"serverTime\":{}}}", call.units.show(call.app.now()))))
}
