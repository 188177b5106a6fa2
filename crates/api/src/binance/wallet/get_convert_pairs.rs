//! `GET /sapi/v1/convert/exchangeInfo`: what can be swapped for what. Nothing can yet.

use crate::openapi::{Docs, NoRows};
use crate::{Call, Cost, Error, Reply};

/// A filter on a list that is empty.
pub const PARAMETERS: &[&str] = &["fromAsset", "toAsset"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<NoRows>("Assets that can be converted", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers with an empty list.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::json("[]".to_owned()))
}
