//! `GET /api/v3/referencePrice/calculation`: how the reference price comes about. No market has one.

use crate::{Call, Cost, Error, Reply};

/// The market, and the status that it must have.
pub const PARAMETERS: &[&str] = &["symbol", "symbolStatus"];
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

/// Says so.
///
/// # Errors
/// [`Error::NoReferencePrice`] for any market, and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    call.params.market_of_status(&call.app)?;
    Err(Error::NoReferencePrice)
}
