//! `GET /sapi/v1/account/status`: whether the account may be used.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers that it may: accounts cannot be locked.
///
/// # Errors
/// None.
pub async fn handle(_call: Call<Caller>) -> Result<Reply, Error> {
    Ok(Reply::json("{\"data\":\"Normal\"}".to_owned()))
}
