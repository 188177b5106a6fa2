//! `GET /api/v3/order/amendments`: how an order was reduced.

use marketdata::MarketView;
use model::Sequence;
use projections::{Amendment, execution_id};
use serde::Serialize;

use crate::binance::TimeUnit;
use crate::binance::orders::quantity;
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Market and order, first execution, number of amendments.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "fromExecutionId", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(4);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'a> {
    symbol: &'a str,
    order_id: u64,
    execution_id: u64,
    orig_client_order_id: &'a str,
    new_client_order_id: &'a str,
    orig_qty: Decimal,
    new_qty: Decimal,
    time: u64,
}

/// Answers with amendments, oldest first; 500 by default, at most 1000. When SQL lies behind, the header `X-Rialto-Lag` says by
/// how many positions of the journal.
///
/// # Errors
/// Those of the parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    call.params.required("orderId")?;
    let order = call.params.order_id("orderId")?.ok_or(Error::Mandatory("orderId"))?;
    let from = call.params.integer("fromExecutionId")?.unwrap_or(0);
    let limit = u32::try_from(call.params.limit(500, 1_000)?).unwrap_or(1_000);
    let lag = call.app.history_lag().await;
    // The ids of a command's executions begin with its position.
    let since = Sequence(from >> execution_id(Sequence(1), 0, false).ilog2());
    let found = call.app.history.amendments(call.caller.account, order, since, limit).await.map_err(Error::store)?;
    let of_market = found.iter().filter(|amendment| amendment.market == view.market.id);
    let shapes: Vec<Shape<'_>> = of_market.map(|amendment| shape(amendment, &view, call.units)).collect();
    let wanted: Vec<&Shape<'_>> = shapes.iter().filter(|shape| shape.execution_id >= from).collect();
    Ok(Reply::json(json::to_string(&wanted)?).behind(lag))
}

fn shape<'a>(amendment: &'a Amendment, view: &'a MarketView, units: TimeUnit) -> Shape<'a> {
    let event = usize::try_from(amendment.event).unwrap_or(usize::MAX);
    Shape {
        symbol: view.symbol(),
        order_id: amendment.order.0,
        execution_id: execution_id(amendment.sequence, event, false),
        orig_client_order_id: amendment.old_client_id.as_str(),
        new_client_order_id: amendment.new_client_id.as_str(),
        orig_qty: quantity(view, amendment.old_quantity),
        new_qty: quantity(view, amendment.new_quantity),
        time: units.show(amendment.time),
    }
}
