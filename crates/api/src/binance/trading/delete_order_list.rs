//! `DELETE /api/v3/orderList`: cancels an order list.

use model::{ClientOrderId, Command, ListId, ListTarget, Reject};

use crate::binance::cancel::{cancelled, refusal, step_of};
use crate::binance::lists::{List, list_after};
use crate::binance::order_request::new_client_id;
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Market, the list by either name or by both, and a name for the cancel itself.
pub const PARAMETERS: &[&str] = &["symbol", "orderListId", "listClientOrderId", "newClientOrderId"];
/// Nothing when it succeeds.
pub const COST: Cost = Cost::change(1, 0);

/// Answers when the cancel is durable, with the list and its orders as they ended.
///
/// # Errors
/// Those of the parameters, [`Error::Cancel`] when no such list is open, [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let account = call.caller.account;
    let named = (call.params.integer("orderListId")?.map(ListId), call.params.client_id("listClientOrderId")?);
    let target = match named {
        (Some(list), None) => ListTarget::List(list),
        (None, Some(client)) => ListTarget::Client(client),
        (Some(list), Some(client)) => both(&call, list, client).await?,
        (None, None) => return Err(Error::MandatoryOneOf("orderListId", "listClientOrderId")),
    };
    let client_id = match call.params.client_id("newClientOrderId")? {
        Some(id) => id,
        None => new_client_id(&call.app)?,
    };
    let receipt = call.app.submit(Command::CancelList { account, market: view.market.id, target, client_id }).await?;
    let step = step_of(&receipt)?;
    let ended = cancelled(&call.app, account, &receipt).await?;
    let Some(first) = ended.first() else { return Err(refusal(&receipt, Error::Cancel)) };
    let list = list_after(&call.app, account, first.order.list, step).await?;
    let reports = ended.iter().map(|ended| ended.report(step, &view, call.units)).collect::<Result<_, _>>()?;
    json::to_string(&List::new(&list, &view, step.time, Some(reports), call.units)).map(Reply::json)
}

/// Both names must be those of one list.
async fn both(call: &Call<Caller>, list: ListId, client: ClientOrderId) -> Result<ListTarget, Error> {
    call.app.caught_up().await?;
    match call.app.live.list(call.caller.account, list) {
        Some(view) if view.client_id == client => Ok(ListTarget::List(list)),
        _ => Err(Error::Cancel(Reject::UnknownList)),
    }
}
