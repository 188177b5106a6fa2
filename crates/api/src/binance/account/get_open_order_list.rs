//! `GET /api/v3/openOrderList`: the open order lists.

use crate::binance::lists;
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(6);

/// Answers with the open lists, oldest first.
///
/// # Errors
/// [`Error::Behind`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    call.app.caught_up().await?;
    let open = call.app.live.open_lists(call.caller.account);
    lists::lists_json(&call.app, &open, call.units).map(Reply::json)
}
