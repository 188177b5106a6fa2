//! `GET /sapi/v1/capital/deposit/hisrec`: deposits from chains. There are none yet.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// A filter on a list that is empty.
pub const PARAMETERS: &[&str] = &["coin", "status", "startTime", "endTime", "offset", "limit", "txId", "includeSource"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers with an empty list.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    call.params.times()?;
    call.params.limit(1_000, 1_000)?;
    Ok(Reply::json("[]".to_owned()))
}
