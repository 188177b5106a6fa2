//! `GET /sapi/v1/account/status`: whether the account may be used.

use crate::call::Caller;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<serde_json::Value>("The state of the account", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers that it may: accounts cannot be locked.
///
/// # Errors
/// None.
pub async fn handle(_call: Call<Caller>) -> Result<Reply, Error> {
    Ok(Reply::json("{\"data\":\"Normal\"}".to_owned()))
}
