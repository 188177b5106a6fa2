//! `GET /openapi.json`: the API reference for programs.

use crate::openapi::{Docs, document};
use crate::{Call, Cost, Error, Reply, json, native, operations};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// Nothing: the operator's own.
pub const COST: Cost = Cost::FREE;
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<serde_json::Value>("The API reference, as an OpenAPI document", &[]);

/// Answers with the document.
///
/// # Errors
/// None that happens.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    json::to_string(&document::document(&operations(), &native::operations())).map(Reply::json)
}
