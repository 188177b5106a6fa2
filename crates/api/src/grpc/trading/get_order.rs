//! `Trading.GetOrder`: one order, open or ended.

use crate::binance::account::get_order::find;
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers with the order.
///
/// # Errors
/// [`Error::NoSuchOrder`], those of the values; [`Error::Internal`] when the store fails.
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::GetOrderRequest,
) -> Result<proto::GetOrderResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let target = value::target(("order_id", request.order_id), ("client_order_id", &request.client_order_id))?;
    let order = find(&app, caller.account, view.market.id, target).await?;
    Ok(proto::GetOrderResponse { order: Some(shape::order(&order, &view)) })
}
