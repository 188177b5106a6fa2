//! `GET /api/v3/openOrders`: the open orders of one market or of all.

use crate::binance::{Params, orders};
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// One market, or all.
pub const PARAMETERS: &[&str] = &["symbol"];
/// All markets weigh more than one.
pub const COST: Cost = Cost::of(weight);

fn weight(params: &Params) -> u32 {
    if params.get("symbol").is_some() { 6 } else { 80 }
}

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
