//! `GET /api/v3/orderList`: one order list, open or done.

use model::ListId;

use crate::binance::lists::List;
use crate::binance::params;
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// The list by either name or by both.
pub const PARAMETERS: &[&str] = &["orderListId", "origClientOrderId"];
/// What a request costs.
pub const COST: Cost = Cost::weight(4);

/// Answers with the list. A client's id that was used several times means the open list, else the latest.
///
/// # Errors
/// [`Error::NoSuchOrder`] when there is none, or the two names mean different lists; those of the parameters;
/// [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (live, history, account) = (&call.app.live, &call.app.history, call.caller.account);
    let (list, client) = (call.params.integer("orderListId")?.map(ListId), call.params.client_id("origClientOrderId")?);
    if list.is_none() && client.is_none() {
        return Err(Error::MandatoryOneOf("orderListId", "origClientOrderId"));
    }
    call.app.caught_up().await?;
    let current = match (list, client) {
        (Some(list), _) => live.list(account, list),
        (None, client) => live.open_lists(account).into_iter().find(|open| Some(open.client_id) == client),
    };
    let found = if current.is_some() {
        current
    } else {
        // A list that is done may not be in memory, and SQL may still have to follow.
        call.app.history_lag().await;
        match (list, client) {
            (Some(list), _) => history.list(account, list).await,
            (None, client) => history.list_by_client(account, client.unwrap_or_default().as_str()).await,
        }
        .map_err(Error::store)?
    };
    let list = found.filter(|list| client.is_none_or(|client| client == list.client_id)).ok_or(Error::NoSuchOrder)?;
    let view = params::view_of(&call.app, list.market)?;
    json::to_string(&List::new(&list, &view, list.updated, None, call.units)).map(Reply::json)
}
