//! `GET /api/v3/ping`: whether the door is open.

use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers `{}`.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("{}".to_owned()))
}
