//! `Trading.CancelOrder`: cancels an order.

use model::Command;

use super::new_order::request_id;
use crate::binance::cancel::{closed, order_after, refusal, step_of};
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the cancel is durable, with the order as it ended. The others of its list ended with it.
///
/// # Errors
/// Those of the values, [`Error::Cancel`] when no such order is open, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::CancelOrderRequest,
) -> Result<proto::CancelOrderResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let target = value::target(("order_id", request.order_id), ("client_order_id", &request.client_order_id))?;
    let client_id = request_id(&app, "cancel_id", &request.cancel_id)?;
    let account = caller.account;
    let receipt = app.submit(Command::Cancel { account, market: view.market.id, target, client_id }).await?;
    let step = step_of(&receipt)?;
    // Of a list, the order that was named comes first.
    let Some(closed) = closed(&receipt).next() else { return Err(refusal(&receipt, Error::Cancel)) };
    let order = order_after(&app, account, closed.order, step).await?;
    Ok(proto::CancelOrderResponse { order: Some(shape::order(&order, &view)), sequence: step.sequence.0 })
}
