//! `POST /sapi/v1/convert/acceptQuote`: accepts the price of a swap. There are no such swaps yet.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// What is asked for.
pub const PARAMETERS: &[&str] = &["quoteId"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Refuses.
///
/// # Errors
/// [`Error::Unsupported`], always.
pub async fn handle(_call: Call<Caller>) -> Result<Reply, Error> {
    Err(Error::Unsupported("assets are traded in markets, not converted."))
}
