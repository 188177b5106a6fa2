//! `Trading.ListOpenOrders`: the open orders of one market, or of all.

use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers with the open orders, oldest first.
///
/// # Errors
/// Those of the market, [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::ListOpenOrdersRequest,
) -> Result<proto::ListOpenOrdersResponse, Error> {
    let market = value::optional_market(&app, &request.symbol)?.map(|view| view.market.id);
    app.caught_up().await?;
    let open = app.live.open_orders(caller.account, market);
    Ok(proto::ListOpenOrdersResponse { orders: shape::orders_of(&app, &open)? })
}
