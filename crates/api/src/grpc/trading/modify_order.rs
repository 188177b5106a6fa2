//! `Trading.ModifyOrder`: gives an order another price and open quantity.

use model::{Command, Event, OrderId, Price, Quantity};

use crate::binance::cancel::{order_after, refusal, step_of};
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the change is durable, with the order after it and after what it traded by it.
///
/// # Errors
/// Those of the values, [`Error::Amend`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::ModifyOrderRequest,
) -> Result<proto::ModifyOrderResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    if request.order_id == 0 {
        return Err(Error::Mandatory("order_id"));
    }
    let price = Price(value::price(&view, "price", &request.price)?);
    let quantity = Quantity(value::quantity(&view, "quantity", &request.quantity)?);
    let (account, order) = (caller.account, OrderId(request.order_id));
    let receipt = app.submit(Command::Modify { account, market: view.market.id, order, price, quantity }).await?;
    let step = step_of(&receipt)?;
    let is_done = |event: &Event| matches!(event, Event::Modified { order: modified, .. } if *modified == order);
    if !receipt.events().iter().any(is_done) {
        return Err(refusal(&receipt, Error::Amend));
    }
    let order = order_after(&app, account, order, step).await?;
    Ok(proto::ModifyOrderResponse { order: Some(shape::order(&order, &view)), sequence: step.sequence.0 })
}
