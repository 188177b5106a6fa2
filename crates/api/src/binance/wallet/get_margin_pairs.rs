//! `GET /sapi/v1/margin/allPairs` and `GET /sapi/v1/margin/isolated/allPairs`: there is no margin trading.

use crate::{Call, Cost, Error, Reply};

/// A filter on a list that is empty.
pub const PARAMETERS: &[&str] = &["symbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers with an empty list.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("[]".to_owned()))
}
