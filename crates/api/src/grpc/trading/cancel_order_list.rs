//! `Trading.CancelOrderList`: cancels an order list.

use model::{Command, ListId, ListTarget};

use super::new_order::request_id;
use crate::binance::cancel::{cancelled, refusal, step_of};
use crate::binance::lists::list_after;
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the cancel is durable, with the list and its orders as they ended.
///
/// # Errors
/// Those of the values, [`Error::InvalidCombination`] for both names, [`Error::Cancel`] when no such list is open,
/// [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::CancelOrderListRequest,
) -> Result<proto::CancelOrderListResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let target = match (request.order_list_id, value::client_id("client_list_id", &request.client_list_id)?) {
        (0, None) => return Err(Error::MandatoryOneOf("order_list_id", "client_list_id")),
        (0, Some(client)) => ListTarget::Client(client),
        (list, None) => ListTarget::List(ListId(list)),
        (_, Some(_)) => return Err(Error::InvalidCombination),
    };
    let client_id = request_id(&app, "cancel_id", &request.cancel_id)?;
    let account = caller.account;
    let receipt = app.submit(Command::CancelList { account, market: view.market.id, target, client_id }).await?;
    let step = step_of(&receipt)?;
    let ended = cancelled(&app, account, &receipt).await?;
    let Some(first) = ended.first() else { return Err(refusal(&receipt, Error::Cancel)) };
    let list = list_after(&app, account, first.order.list, step).await?;
    Ok(proto::CancelOrderListResponse {
        list: Some(shape::list(&list, &view)),
        orders: ended.iter().map(|ended| shape::order(&ended.order, &view)).collect(),
        sequence: step.sequence.0,
    })
}
