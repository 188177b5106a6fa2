//! `GET /sapi/v1/convert/exchangeInfo`: what can be swapped for what. Nothing can yet.

use crate::{Call, Cost, Error, Reply};

/// A filter on a list that is empty.
pub const PARAMETERS: &[&str] = &["fromAsset", "toAsset"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers with an empty list.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("[]".to_owned()))
}
