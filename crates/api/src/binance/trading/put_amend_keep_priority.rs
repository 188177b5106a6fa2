//! `PUT /api/v3/order/amend/keepPriority`: reduces an order's quantity where it stands.

use marketdata::MarketView;
use model::{Amend, ClientOrderId, Command, Event, OrderId, Quantity, Target};
use projections::{ListView, OrderView, execution_id};
use serde::Serialize;

use crate::binance::TimeUnit;
use crate::binance::cancel::{order_after, refusal, step_of, target};
use crate::binance::lists::{Member, list_after, members, status_name};
use crate::binance::order_request::new_client_id;
use crate::binance::orders::{list_id, price, quantity, quote};
use crate::binance::terms::{Terms, self_trade_name, side_name, time_in_force_name, type_name};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Market, the order by either name or by both, its new quantity and name.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "origClientOrderId", "newClientOrderId", "newQty"];
/// What a request costs.
pub const COST: Cost = Cost::weight(4);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    transact_time: u64,
    execution_id: u64,
    amended_order: AmendedOrder<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_status: Option<ListStatus<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AmendedOrder<'a> {
    symbol: &'a str,
    order_id: u64,
    order_list_id: i64,
    orig_client_order_id: &'a str,
    client_order_id: &'a str,
    price: Decimal,
    qty: Decimal,
    executed_qty: Decimal,
    prevented_qty: Decimal,
    quote_order_qty: Decimal,
    cumulative_quote_qty: Decimal,
    status: &'static str,
    time_in_force: &'static str,
    #[serde(rename = "type")]
    order_type: &'static str,
    side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_time: Option<u64>,
    self_trade_prevention_mode: &'static str,
    #[serde(flatten)]
    terms: Terms,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListStatus<'a> {
    order_list_id: u64,
    contingency_type: &'static str,
    list_order_status: &'static str,
    list_client_order_id: &'a str,
    symbol: &'a str,
    orders: Vec<Member<'a>>,
}

/// Answers when the change is durable, with the order after it.
///
/// # Errors
/// Those of the parameters, [`Error::Amend`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let target = target(&call.params, "orderId", "origClientOrderId")?;
    call.params.required("newQty")?;
    let wanted = call.params.decimal("newQty", view.market.quantity_decimals, view.base.scale, "LOT_SIZE")?;
    let wanted = Quantity(wanted.filter(|&quantity| quantity > 0).ok_or(Error::Zero("newQty"))?);
    let client_id = match call.params.client_id("newClientOrderId")? {
        Some(id) => id,
        None => new_client_id(&call.app)?,
    };
    let account = call.caller.account;
    call.app.caught_up().await?;
    let before = before(&call, &view, target);
    let amend = Amend { account, market: view.market.id, target, quantity: wanted, client_id };
    let receipt = call.app.submit(Command::Amend(amend)).await?;
    let step = step_of(&receipt)?;
    // Of a pair both are amended; the one that was named comes first.
    let amended = receipt.events().iter().enumerate().find_map(|(index, event)| match event {
        Event::Amended(amended) => Some((index, amended)),
        _ => None,
    });
    let Some((index, amended)) = amended else { return Err(refusal(&receipt, Error::Amend)) };
    let order = order_after(&call.app, account, amended.order, step).await?;
    let list = match order.list.0 {
        0 => None,
        _ => Some(list_after(&call.app, account, order.list, step).await?),
    };
    let original = original(target, amended.order, before);
    let answer = Answer {
        transact_time: call.units.show(step.time),
        execution_id: execution_id(step.sequence, index, false),
        amended_order: shape(&order, &original, &view, call.units),
        list_status: list.as_ref().map(|list| list_status(list, &view)),
    };
    json::to_string(&answer).map(Reply::json)
}

/// The order as it is before the change, if it is open.
fn before(call: &Call<Caller>, view: &MarketView, target: Target) -> Option<OrderView> {
    let (live, account) = (&call.app.live, call.caller.account);
    match target {
        Target::Order(order) | Target::Both(order, _) => live.order(account, order),
        Target::Client(client) => live.order_by_client(account, view.market.id, client.as_str()),
    }
}

/// What the order was called before.
fn original(target: Target, order: OrderId, before: Option<OrderView>) -> ClientOrderId {
    match target {
        Target::Client(client) | Target::Both(_, client) => client,
        Target::Order(_) => {
            before.filter(|before| before.order == order).map(|before| before.client_id).unwrap_or_default()
        }
    }
}

fn shape<'a>(
    order: &'a OrderView,
    original: &'a ClientOrderId,
    view: &'a MarketView,
    units: TimeUnit,
) -> AmendedOrder<'a> {
    AmendedOrder {
        symbol: view.symbol(),
        order_id: order.order.0,
        order_list_id: list_id(order),
        orig_client_order_id: original.as_str(),
        client_order_id: order.client_id.as_str(),
        price: price(view, order.price),
        qty: quantity(view, order.quantity),
        executed_qty: quantity(view, order.executed),
        prevented_qty: quantity(view, order.prevented),
        quote_order_qty: quote(view, order.quote_quantity),
        cumulative_quote_qty: quote(view, order.cumulative_quote),
        status: order.status.name(),
        time_in_force: time_in_force_name(order.order_type, order.time_in_force),
        order_type: type_name(order.order_type),
        side: side_name(order.side),
        working_time: order.working.map(|time| units.show(time)),
        self_trade_prevention_mode: self_trade_name(order.self_trade),
        terms: Terms::new(order, view, units),
    }
}

fn list_status<'a>(list: &'a ListView, view: &'a MarketView) -> ListStatus<'a> {
    ListStatus {
        order_list_id: list.list.0,
        contingency_type: list.contingency(),
        list_order_status: status_name(list.is_done),
        list_client_order_id: list.client_id.as_str(),
        symbol: view.symbol(),
        orders: members(list, view),
    }
}
