//! `Trading.AmendOrder`: reduces an order's quantity where it stands.

use model::{Amend, Command, Event, Quantity};

use crate::binance::cancel::{order_after, refusal, step_of};
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the change is durable, with the order after it. Of a pair both are amended; the one that was named is told.
///
/// # Errors
/// Those of the values, [`Error::Amend`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::AmendOrderRequest,
) -> Result<proto::AmendOrderResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let target = value::target(("order_id", request.order_id), ("client_order_id", &request.client_order_id))?;
    let quantity = Quantity(value::quantity(&view, "quantity", &request.quantity)?);
    let client_id = value::client_id("new_client_order_id", &request.new_client_order_id)?.unwrap_or_default();
    let account = caller.account;
    let amend = Amend { account, market: view.market.id, target, quantity, client_id };
    let receipt = app.submit(Command::Amend(amend)).await?;
    let step = step_of(&receipt)?;
    let amended = receipt.events().iter().find_map(|event| match event {
        Event::Amended(amended) => Some(amended.order),
        _ => None,
    });
    let Some(order) = amended else { return Err(refusal(&receipt, Error::Amend)) };
    let order = order_after(&app, account, order, step).await?;
    Ok(proto::AmendOrderResponse { order: Some(shape::order(&order, &view)), sequence: step.sequence.0 })
}
