//! `GET /fapi/v1/exchangeInfo` and `GET /dapi/v1/exchangeInfo`: there are no futures.

use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers with an empty list of markets.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("{\"symbols\":[]}".to_owned()))
}
