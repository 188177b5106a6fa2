//! `GET /api/v3/rateLimit/order`: how many orders the account has placed in the spans that are limited.

use crate::call::Caller;
use crate::usage::rate_limits_json;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(40);

/// Answers with a list: a span, its limit and the count.
///
/// # Errors
/// None.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let limits = &call.app.limits;
    let placed = limits.orders(call.caller.account.0, call.app.now().0).await;
    Ok(Reply::json(rate_limits_json(limits.rules(), Some(placed), None)))
}
