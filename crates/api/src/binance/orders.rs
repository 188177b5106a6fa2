//! The JSON shapes of orders and fills.

use std::sync::Arc;

use marketdata::MarketView;
use model::{Amount, Asset, ClientOrderId, ListId, Price, Quantity, Sequence, Step};
use projections::{Fill, OrderView, Placed};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::terms::{Terms, self_trade_name, side_name, time_in_force_name, time_or_never, type_name};
use super::{TimeUnit, params};
use crate::json::{self, Decimal};
use crate::{App, Error};

/// The id of a list; -1 for none.
pub const fn list_number(list: ListId) -> i64 {
    if list.0 == 0 { -1 } else { list.0.cast_signed() }
}

/// The list that an order belongs to; -1: none.
pub const fn list_id(order: &OrderView) -> i64 {
    list_number(order.list)
}

/// How much a new order's answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseType {
    /// That it was taken in.
    Ack,
    /// And what became of it.
    Result,
    /// And each of its fills.
    Full,
}

/// A price of a market.
pub const fn price(view: &MarketView, price: Price) -> Decimal {
    Decimal::new(price.0, view.market.price_decimals)
}

/// A quantity of a market.
pub const fn quantity(view: &MarketView, quantity: Quantity) -> Decimal {
    Decimal::new(quantity.0, view.market.quantity_decimals)
}

/// An amount of a market's quote asset.
pub const fn quote(view: &MarketView, amount: Amount) -> Decimal {
    Decimal::new(amount.0, view.quote.scale)
}

/// The name of the cancel request that ended an order: the client's, or for a cancel of all orders one made of its position in
/// the journal, so that the answer and the user stream tell the same.
pub fn cancel_name(request_id: &ClientOrderId, sequence: Sequence) -> String {
    if request_id.is_empty() { format!("cancel-all-{sequence}") } else { request_id.as_str().to_owned() }
}

/// An order as queries show it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueriedOrder<'a> {
    symbol: &'a str,
    order_id: u64,
    order_list_id: i64,
    client_order_id: &'a str,
    price: Decimal,
    orig_qty: Decimal,
    executed_qty: Decimal,
    /// Misspelt on the wire, too.
    cummulative_quote_qty: Decimal,
    status: &'static str,
    time_in_force: &'static str,
    #[serde(rename = "type")]
    order_type: &'static str,
    side: &'static str,
    stop_price: Decimal,
    iceberg_qty: Decimal,
    time: u64,
    update_time: u64,
    is_working: bool,
    working_time: i64,
    orig_quote_order_qty: Decimal,
    self_trade_prevention_mode: &'static str,
    #[serde(flatten)]
    terms: Terms,
}

impl<'a> QueriedOrder<'a> {
    /// Shapes an order of the market.
    pub fn new(order: &'a OrderView, view: &'a MarketView, units: TimeUnit) -> Self {
        Self {
            symbol: view.symbol(),
            order_id: order.order.0,
            order_list_id: list_id(order),
            client_order_id: order.client_id.as_str(),
            price: price(view, order.price),
            orig_qty: quantity(view, order.quantity),
            executed_qty: quantity(view, order.executed),
            cummulative_quote_qty: quote(view, order.cumulative_quote),
            status: order.status.name(),
            time_in_force: time_in_force_name(order.order_type, order.time_in_force),
            order_type: type_name(order.order_type),
            side: side_name(order.side),
            stop_price: price(view, order.stop_price),
            iceberg_qty: quantity(view, order.iceberg),
            time: units.show(order.placed),
            update_time: units.show(order.updated),
            is_working: order.working.is_some(),
            working_time: time_or_never(order.working, units),
            orig_quote_order_qty: quote(view, order.quote_quantity),
            self_trade_prevention_mode: self_trade_name(order.self_trade),
            terms: Terms::queried(order, view, units),
        }
    }
}

/// JSON of a list of orders, of any markets.
///
/// # Errors
/// [`Error::Internal`] when a market is not known; those of writing JSON.
pub fn list_json(app: &App, orders: &[OrderView], units: TimeUnit) -> Result<String, Error> {
    let mut views: Vec<Arc<MarketView>> = Vec::new();
    for order in orders {
        if !views.iter().any(|view| view.market.id == order.market) {
            views.push(params::view_of(app, order.market)?);
        }
    }
    let shapes: Vec<QueriedOrder<'_>> = orders
        .iter()
        .filter_map(|order| {
            let view = views.iter().find(|view| view.market.id == order.market)?;
            Some(QueriedOrder::new(order, view, units))
        })
        .collect();
    json::to_string(&shapes)
}

/// A new order in an answer of type ACK.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgedOrder<'a> {
    symbol: &'a str,
    order_id: u64,
    order_list_id: i64,
    client_order_id: &'a str,
    transact_time: u64,
}

/// A new order in an answer of type RESULT or FULL.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewOrder<'a> {
    symbol: &'a str,
    order_id: u64,
    order_list_id: i64,
    client_order_id: &'a str,
    transact_time: u64,
    price: Decimal,
    orig_qty: Decimal,
    executed_qty: Decimal,
    orig_quote_order_qty: Decimal,
    cummulative_quote_qty: Decimal,
    status: &'static str,
    time_in_force: &'static str,
    #[serde(rename = "type")]
    order_type: &'static str,
    side: &'static str,
    working_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<NewOrderFill<'static>>>")]
    fills: Option<Fills<'a>>,
    self_trade_prevention_mode: &'static str,
    #[serde(flatten)]
    terms: Terms,
}

/// The fills of a new order, written one by one.
#[derive(Debug)]
struct Fills<'a> {
    fills: &'a [Fill],
    view: &'a MarketView,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewOrderFill<'a> {
    price: Decimal,
    qty: Decimal,
    commission: Decimal,
    commission_asset: &'a str,
    trade_id: u64,
}

impl Serialize for Fills<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.fills.iter().map(|fill| {
            let asset = commission_asset(self.view, fill);
            NewOrderFill {
                price: price(self.view, fill.price),
                qty: quantity(self.view, fill.quantity),
                commission: Decimal::new(fill.commission.0, asset.scale),
                commission_asset: asset.symbol.as_str(),
                trade_id: fill.trade.0,
            }
        }))
    }
}

/// The asset in which a fill's commission was taken: what the order received.
pub const fn commission_asset<'a>(view: &'a MarketView, fill: &Fill) -> &'a Asset {
    if fill.commission_asset.0 == view.base.id.0 { &view.base } else { &view.quote }
}

/// JSON of a new order.
///
/// # Errors
/// Those of writing JSON.
pub fn placed_json(
    placed: &Placed,
    view: &MarketView,
    respond: ResponseType,
    units: TimeUnit,
) -> Result<String, Error> {
    let order = &placed.order;
    if respond == ResponseType::Ack {
        return json::to_string(&AcknowledgedOrder {
            symbol: view.symbol(),
            order_id: order.order.0,
            order_list_id: list_id(order),
            client_order_id: order.client_id.as_str(),
            transact_time: units.show(order.placed),
        });
    }
    json::to_string(&NewOrder {
        symbol: view.symbol(),
        order_id: order.order.0,
        order_list_id: list_id(order),
        client_order_id: order.client_id.as_str(),
        transact_time: units.show(order.placed),
        price: price(view, order.price),
        orig_qty: quantity(view, order.quantity),
        executed_qty: quantity(view, order.executed),
        orig_quote_order_qty: quote(view, order.quote_quantity),
        cummulative_quote_qty: quote(view, order.cumulative_quote),
        status: order.status.name(),
        time_in_force: time_in_force_name(order.order_type, order.time_in_force),
        order_type: type_name(order.order_type),
        side: side_name(order.side),
        working_time: time_or_never(order.working, units),
        fills: (respond == ResponseType::Full).then_some(Fills { fills: &placed.fills, view }),
        self_trade_prevention_mode: self_trade_name(order.self_trade),
        terms: Terms::new(order, view, units),
    })
}

/// A cancelled order as the answer to its cancel shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledOrder<'a> {
    symbol: &'a str,
    orig_client_order_id: &'a str,
    order_id: u64,
    order_list_id: i64,
    client_order_id: String,
    transact_time: u64,
    price: Decimal,
    orig_qty: Decimal,
    executed_qty: Decimal,
    orig_quote_order_qty: Decimal,
    cummulative_quote_qty: Decimal,
    status: &'static str,
    time_in_force: &'static str,
    #[serde(rename = "type")]
    order_type: &'static str,
    side: &'static str,
    self_trade_prevention_mode: &'static str,
    #[serde(flatten)]
    terms: Terms,
}

impl<'a> CancelledOrder<'a> {
    /// Shapes an order as it is after the step that cancelled it.
    pub fn new(
        order: &'a OrderView,
        request_id: &ClientOrderId,
        step: &Step,
        view: &'a MarketView,
        units: TimeUnit,
    ) -> Self {
        Self {
            symbol: view.symbol(),
            orig_client_order_id: order.client_id.as_str(),
            order_id: order.order.0,
            order_list_id: list_id(order),
            client_order_id: cancel_name(request_id, step.sequence),
            transact_time: units.show(step.time),
            price: price(view, order.price),
            orig_qty: quantity(view, order.quantity),
            executed_qty: quantity(view, order.executed),
            orig_quote_order_qty: quote(view, order.quote_quantity),
            cummulative_quote_qty: quote(view, order.cumulative_quote),
            status: order.status.name(),
            time_in_force: time_in_force_name(order.order_type, order.time_in_force),
            order_type: type_name(order.order_type),
            side: side_name(order.side),
            self_trade_prevention_mode: self_trade_name(order.self_trade),
            terms: Terms::new(order, view, units),
        }
    }
}
