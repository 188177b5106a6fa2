//! `GET /api/v3/time`: the time of day, for clients to set their clocks by.

use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers `{"serverTime":…}`.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    Ok(Reply::json(format!("{{\"serverTime\":{}}}", call.units.show(call.app.now()))))
}
