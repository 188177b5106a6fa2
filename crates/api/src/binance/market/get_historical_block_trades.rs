//! `GET /api/v3/historicalBlockTrades`: trades that were agreed outside of the book. There are none.

use crate::{Call, Cost, Error, Reply};

/// Market, first trade, number of trades.
pub const PARAMETERS: &[&str] = &["symbol", "fromId", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(25);

/// Answers with an empty list.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    call.params.market(&call.app)?;
    call.params.required("fromId")?;
    call.params.trade_id("fromId")?;
    call.params.limit(500, 1_000)?;
    Ok(Reply::json("[]".to_owned()))
}
