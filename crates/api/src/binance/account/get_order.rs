//! `GET /api/v3/order`: one order, open or ended.

use model::{AccountId, MarketId, Target};
use projections::OrderView;

use crate::binance::cancel::target;
use crate::binance::orders::QueriedOrder;
use crate::call::Caller;
use crate::json;
use crate::openapi::Docs;
use crate::{App, Call, Cost, Error, Reply};

/// Market, and the order by either name or by both.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "origClientOrderId"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<QueriedOrder<'static>>("An order", &["symbol"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(4);

/// Answers with the order.
///
/// # Errors
/// Those of the parameters and of [`find`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let target = target(&call.params, "orderId", "origClientOrderId")?;
    let order = find(&call.app, call.caller.account, view.market.id, target).await?;
    json::to_string(&QueriedOrder::new(&order, &view, call.units)).map(Reply::json)
}

/// The account's order of this name, open or ended. A client's id that was used several times means the open order, else the latest.
///
/// # Errors
/// [`Error::NoSuchOrder`] when there is none, or not in this market, or the two names mean different orders; [`Error::Behind`],
/// [`Error::Internal`] when the store fails.
pub(crate) async fn find(app: &App, account: AccountId, market: MarketId, target: Target) -> Result<OrderView, Error> {
    app.caught_up().await?;
    let (live, history) = (&app.live, &app.history);
    let current = match target {
        Target::Order(order) | Target::Both(order, _) => live.order(account, order),
        Target::Client(client) => live.order_by_client(account, market, client.as_str()),
    };
    let found = if current.is_some() {
        current
    } else {
        // An order that ended just before a restart is not in memory, and SQL may still have to follow.
        app.history_lag().await;
        match target {
            Target::Order(order) | Target::Both(order, _) => history.order(account, order).await,
            Target::Client(client) => history.order_by_client(account, market, client.as_str()).await,
        }
        .map_err(Error::store)?
    };
    found
        .filter(|order| order.market == market)
        .filter(|order| !matches!(target, Target::Both(_, client) if client != order.client_id))
        .ok_or(Error::NoSuchOrder)
}
