//! `GET /api/v3/openOrders`: the open orders of one market or of all.

use crate::binance::orders;
use crate::call::Caller;
use crate::{Call, Error, Reply};

/// One market, or all.
pub const PARAMETERS: &[&str] = &["symbol"];

/// Answers with the open orders, oldest first.
///
/// # Errors
/// [`Error::InvalidSymbol`], [`Error::Behind`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let market = call.params.optional_market(&call.app)?.map(|view| view.market.id);
    call.app.caught_up().await?;
    let open = call.app.live.open_orders(call.caller.account, market);
    orders::list_json(&call.app, &open, call.units).map(Reply::json)
}
