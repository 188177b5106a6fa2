//! `GET /scalar`: the API reference for people, as Scalar shows it.

use aide::scalar::Scalar;

use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// Nothing: the operator's own.
pub const COST: Cost = Cost::FREE;
/// What the API reference says of it.
pub const DOCS: Docs = Docs::other("The API reference as a page, by Scalar", "text/html");

/// Answers with the page; everything that it needs is in it.
///
/// # Errors
/// None.
pub async fn handle(_call: Call) -> Result<Reply, Error> {
    Ok(Reply::page(Scalar::new("/openapi.json").with_title("Rialto API").html()))
}
