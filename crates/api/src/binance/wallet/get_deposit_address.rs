//! `GET /sapi/v1/capital/deposit/address`: where to deposit to. There are no deposits from chains yet.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// What is asked for.
pub const PARAMETERS: &[&str] = &["coin", "network", "amount"];
/// What a request costs.
pub const COST: Cost = Cost::weight(10);

/// Refuses.
///
/// # Errors
/// [`Error::Unsupported`], always.
pub async fn handle(_call: Call<Caller>) -> Result<Reply, Error> {
    Err(Error::Unsupported("there are no deposits from chains."))
}
