//! `Trading.PlaceOrder`: places an order.

use model::Command;

use super::new_order;
use crate::binance::cancel::{refusal, step_of};
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the order is durable, with what became of it at once.
///
/// # Errors
/// Those of the values, [`Error::Place`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::PlaceOrderRequest,
) -> Result<proto::PlaceOrderResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let place = new_order::read(&app, caller.account, &view, "order", request.order.as_ref())?;
    let receipt = app.submit(Command::Place(place)).await?;
    let step = step_of(&receipt)?;
    match projections::placed(step, receipt.events(), &view.market) {
        Some(placed) => Ok(proto::PlaceOrderResponse {
            order: Some(shape::order(&placed.order, &view)),
            fills: shape::fills(&placed.fills, &view),
            sequence: step.sequence.0,
        }),
        None => Err(refusal(&receipt, Error::Place)),
    }
}
