//! The JSON shapes of order lists.

use marketdata::MarketView;
use model::{AccountId, ClientOrderId, Event, ListId, Receipt, Step, Timestamp};
use projections::{ListChange, ListView, Placed};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::orders::{ResponseType, placed_json};
use super::{TimeUnit, params};
use crate::json;
use crate::{App, Error};

/// An order list, with or without what became of its orders.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct List<'a> {
    order_list_id: u64,
    contingency_type: &'static str,
    list_status_type: &'static str,
    list_order_status: &'static str,
    list_client_order_id: &'a str,
    transaction_time: u64,
    symbol: &'a str,
    orders: Vec<Member<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    order_reports: Option<Vec<Box<RawValue>>>,
}

/// An order of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member<'a> {
    symbol: &'a str,
    order_id: u64,
    client_order_id: String,
}

/// The name of what happened to a list.
pub const fn change_name(change: ListChange) -> &'static str {
    match change {
        ListChange::Placed => "EXEC_STARTED",
        ListChange::Renamed => "UPDATED",
        ListChange::Done => "ALL_DONE",
    }
}

/// The name of where a list stands.
pub const fn status_name(is_done: bool) -> &'static str {
    if is_done { "ALL_DONE" } else { "EXECUTING" }
}

impl<'a> List<'a> {
    /// Shapes a list of the market, as it became at a time.
    pub fn new(
        list: &'a ListView,
        view: &'a MarketView,
        time: Timestamp,
        reports: Option<Vec<Box<RawValue>>>,
        units: TimeUnit,
    ) -> Self {
        Self {
            order_list_id: list.list.0,
            contingency_type: list.contingency(),
            list_status_type: change_name(if list.is_done { ListChange::Done } else { ListChange::Placed }),
            list_order_status: status_name(list.is_done),
            list_client_order_id: list.client_id.as_str(),
            transaction_time: units.show(time),
            symbol: view.symbol(),
            orders: members(list, view),
            order_reports: reports,
        }
    }
}

/// The orders of a list.
pub fn members<'a>(list: &ListView, view: &'a MarketView) -> Vec<Member<'a>> {
    let member = |(order, name): (model::OrderId, ClientOrderId)| Member {
        symbol: view.symbol(),
        order_id: order.0,
        client_order_id: name.as_str().to_owned(),
    };
    list.members().map(member).collect()
}

/// JSON of several lists, of any markets.
///
/// # Errors
/// [`Error::Internal`] when a market is not known; those of writing JSON.
pub fn lists_json(app: &App, lists: &[ListView], units: TimeUnit) -> Result<String, Error> {
    let views: Vec<_> = lists.iter().map(|list| params::view_of(app, list.market)).collect::<Result<_, _>>()?;
    let shapes: Vec<List<'_>> =
        lists.iter().zip(&views).map(|(list, view)| List::new(list, view, list.updated, None, units)).collect();
    json::to_string(&shapes)
}

/// JSON of a list that a receipt took in; `None` when it did not.
///
/// # Errors
/// Those of writing JSON.
pub fn placed_list_json(
    receipt: &Receipt,
    step: &Step,
    view: &MarketView,
    respond: ResponseType,
    units: TimeUnit,
) -> Result<Option<String>, Error> {
    let Some((list, placed)) = placed_list(receipt, step, view) else { return Ok(None) };
    let report = |placed: &Placed| json::raw(placed_json(placed, view, respond, units)?);
    let reports = placed.iter().map(report).collect::<Result<_, Error>>()?;
    json::to_string(&List::new(&list, view, step.time, Some(reports), units)).map(Some)
}

/// A list that a receipt took in, with its orders, as they stand after the step; `None` when it took none in.
pub fn placed_list(receipt: &Receipt, step: &Step, view: &MarketView) -> Option<(ListView, Vec<Placed>)> {
    let mut list = receipt.events().iter().find_map(|event| list_of(event, step))?;
    let placed: Vec<Placed> = projections::placed_orders(step, receipt.events(), &view.market);
    for (name, placed) in list.order_names.iter_mut().zip(&placed) {
        *name = placed.order.client_id;
    }
    list.is_done = placed.iter().all(|placed| !placed.order.is_open());
    Some((list, placed))
}

fn list_of(event: &Event, step: &Step) -> Option<ListView> {
    let Event::ListPlaced { list, account, market, kind, orders, client_id } = *event else { return None };
    Some(ListView {
        list,
        account,
        market,
        kind,
        orders,
        order_names: [ClientOrderId::EMPTY; 3],
        client_id,
        is_done: false,
        placed: step.time,
        updated: step.time,
        sequence: step.sequence,
    })
}

/// A list of an account after a step: from memory once that holds the step, else from SQL.
///
/// # Errors
/// [`Error::Behind`] when memory does not follow; [`Error::Internal`] when the list is nowhere.
pub async fn list_after(app: &App, account: AccountId, list: ListId, step: &Step) -> Result<ListView, Error> {
    app.applied(step.sequence).await?;
    if let Some(view) = app.live.list(account, list) {
        return Ok(view);
    }
    // Memory forgets a done list as soon as SQL has it.
    let stored = app.history.list(account, list).await.map_err(Error::store)?;
    stored.ok_or_else(|| Error::Internal(format!("order list {list} is neither in memory nor in history")))
}
