//! `GET /api/v3/myAllocations`: what smart order routing allocated. There is none here: an order trades in its own market alone.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// Market, span of time, first allocation, number of allocations, order.
pub const PARAMETERS: &[&str] = &["symbol", "startTime", "endTime", "fromAllocationId", "limit", "orderId"];
/// What a request costs.
pub const COST: Cost = Cost::weight(20);

/// Answers with an empty list.
///
/// # Errors
/// [`Error::InvalidCombination`] for a time with an allocation or order, [`Error::IntervalTooLong`] above 24 hours, those of the
/// parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    call.params.market(&call.app)?;
    call.params.limit(500, 1_000)?;
    let (from, order) = (call.params.integer("fromAllocationId")?, call.params.order_id("orderId")?);
    let (start, end) = call.params.day()?;
    if (from.is_some() || order.is_some()) && (start.is_some() || end.is_some()) {
        return Err(Error::InvalidCombination);
    }
    Ok(Reply::json("[]".to_owned()))
}
