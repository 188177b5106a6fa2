//! `GET /fapi/v1/exchangeInfo` and `GET /dapi/v1/exchangeInfo`: there are no futures.

use crate::{Call, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];

/// Answers with an empty list of markets.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("{\"symbols\":[]}".to_owned()))
}
