//! `DELETE /api/v3/order`: cancels an order.

use model::Command;

use crate::binance::cancel::{closed, order_after, refusal, step_of, target};
use crate::binance::order_request::new_client_id;
use crate::binance::orders::CancelledOrder;
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Market, the order by either name or by both, and a name for the cancel itself.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "origClientOrderId", "newClientOrderId"];
/// Nothing when it succeeds.
pub const COST: Cost = Cost::change(1, 0);

/// Answers when the cancel is durable, with the order as it ended. The others of its list ended with it.
///
/// # Errors
/// Those of the parameters, [`Error::Cancel`] when no such order is open, [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let target = target(&call.params, "orderId", "origClientOrderId")?;
    let client_id = match call.params.client_id("newClientOrderId")? {
        Some(id) => id,
        None => new_client_id(&call.app)?,
    };
    let account = call.caller.account;
    let receipt = call.app.submit(Command::Cancel { account, market: view.market.id, target, client_id }).await?;
    let step = step_of(&receipt)?;
    // Of a list, the order that was named comes first.
    if let Some(closed) = closed(&receipt).next() {
        let order = order_after(&call.app, account, closed.order, step).await?;
        let shape = CancelledOrder::new(&order, &closed.request_id, step, &view, call.units);
        return json::to_string(&shape).map(Reply::json);
    }
    Err(refusal(&receipt, Error::Cancel))
}
