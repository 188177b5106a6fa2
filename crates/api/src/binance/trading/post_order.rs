//! `POST /api/v3/order`: places an order.

use model::{Command, Receipt};
use projections::Placed;

use crate::binance::cancel::{refusal, step_of};
use crate::binance::order_request::{self, OrderRequest};
use crate::binance::orders::placed_json;
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// Those of a new order.
pub const PARAMETERS: &[&str] = order_request::PARAMETERS;
/// One order; nothing else when it succeeds.
pub const COST: Cost = Cost::change(1, 1);

/// Answers when the order is durable, with what became of it at once.
///
/// # Errors
/// Those of the parameters, [`Error::Place`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let request = OrderRequest::read(&call.app, call.caller.account, &call.params)?;
    let receipt = call.app.submit(Command::Place(request.place)).await?;
    let placed = outcome(&receipt, &request)?;
    placed_json(&placed, &request.view, request.respond, call.units).map(Reply::json)
}

/// The order that a receipt tells of.
///
/// # Errors
/// [`Error::Place`] when it was refused.
pub(super) fn outcome(receipt: &Receipt, request: &OrderRequest) -> Result<Placed, Error> {
    let step = step_of(receipt)?;
    if let Some(placed) = projections::placed(step, receipt.events(), &request.view.market) {
        return Ok(placed);
    }
    Err(refusal(receipt, Error::Place))
}
