//! `GET /api/v3/order`: one order, open or ended.

use model::Target;

use crate::binance::cancel::target;
use crate::binance::orders::QueriedOrder;
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Market, and the order by either name or by both.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "origClientOrderId"];
/// What a request costs.
pub const COST: Cost = Cost::weight(4);

/// Answers with the order. A client's id that was used several times means the open order, else the latest.
///
/// # Errors
/// [`Error::NoSuchOrder`] when there is none, or not in this market, or the two names mean different orders; those of the
/// parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let target = target(&call.params, "orderId", "origClientOrderId")?;
    call.app.caught_up().await?;
    let (live, history) = (&call.app.live, &call.app.history);
    let (account, market) = (call.caller.account, view.market.id);
    let current = match target {
        Target::Order(order) | Target::Both(order, _) => live.order(account, order),
        Target::Client(client) => live.order_by_client(account, market, client.as_str()),
    };
    let found = if current.is_some() {
        current
    } else {
        // An order that ended just before a restart is not in memory, and SQL may still have to follow.
        call.app.history_lag().await;
        match target {
            Target::Order(order) | Target::Both(order, _) => history.order(account, order).await,
            Target::Client(client) => history.order_by_client(account, market, client.as_str()).await,
        }
        .map_err(Error::store)?
    };
    let order = found
        .filter(|order| order.market == market)
        .filter(|order| !matches!(target, Target::Both(_, client) if client != order.client_id))
        .ok_or(Error::NoSuchOrder)?;
    json::to_string(&QueriedOrder::new(&order, &view, call.units)).map(Reply::json)
}
