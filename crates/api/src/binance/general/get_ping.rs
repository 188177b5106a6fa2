//! `GET /api/v3/ping`: whether the door is open.

use crate::{Call, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];

/// Answers `{}`.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("{}".to_owned()))
}
