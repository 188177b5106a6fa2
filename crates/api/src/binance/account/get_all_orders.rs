//! `GET /api/v3/allOrders`: every order of a market, open or ended.

use projections::OrdersQuery;

use crate::binance::orders;
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// Market, first order, span of time, number of orders.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "startTime", "endTime", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(20);

/// Answers with orders, oldest first: from `orderId` or `startTime` on, else the newest; 500 by default, at most 1000. When SQL lies
/// behind, the header `X-Rialto-Lag` says by how many positions of the journal.
///
/// # Errors
/// [`Error::IntervalTooLong`] above 24 hours, those of the parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let from_order = call.params.order_id("orderId")?;
    let (start, end) = call.params.day()?;
    let limit = call.params.limit(500, 1_000)?;
    let query = OrdersQuery { from_order, start, end, limit: u32::try_from(limit).unwrap_or(1_000) };
    let lag = call.app.history_lag().await;
    let found = call.app.history.orders(call.caller.account, view.market.id, &query).await.map_err(Error::store)?;
    Ok(Reply::json(orders::list_json(&call.app, &found, call.units)?).behind(lag))
}
