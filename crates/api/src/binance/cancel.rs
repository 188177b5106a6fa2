//! What cancels share: naming the order, and finding what became of it.

use marketdata::MarketView;
use model::{AccountId, ClientOrderId, CloseReason, Closed, Event, OrderId, Receipt, Reject, Step, Target};
use projections::OrderView;
use serde_json::value::RawValue;

use super::TimeUnit;
use super::orders::CancelledOrder;
use super::params::Params;
use crate::json;
use crate::{App, Error};

/// The order that a request names by id, by client id, or by both.
///
/// # Errors
/// [`Error::MandatoryOneOf`] for neither, and those of the two values.
pub fn target(params: &Params, order_id: &'static str, client_id: &'static str) -> Result<Target, Error> {
    match (params.order_id(order_id)?, params.client_id(client_id)?) {
        (Some(order), None) => Ok(Target::Order(order)),
        (None, Some(client)) => Ok(Target::Client(client)),
        (Some(order), Some(client)) => Ok(Target::Both(order, client)),
        (None, None) => Err(Error::MandatoryOneOf(client_id, order_id)),
    }
}

/// The step of a receipt.
///
/// # Errors
/// [`Error::Internal`] when there is none, which the sequencer never makes.
pub fn step_of(receipt: &Receipt) -> Result<&Step, Error> {
    receipt.step().ok_or_else(|| Error::Internal("a receipt names no step of its batch".to_owned()))
}

/// What a receipt refuses with.
pub fn refusal(receipt: &Receipt, by: impl FnOnce(Reject) -> Error) -> Error {
    let reason = receipt.events().iter().find_map(|event| match event {
        Event::Rejected { reason, .. } => Some(*reason),
        _ => None,
    });
    match reason {
        Some(reason) => by(reason),
        None => Error::Internal("a receipt neither does what was asked nor refuses to".to_owned()),
    }
}

/// An order that its owner cancelled.
#[derive(Debug)]
pub struct Cancelled {
    /// As it ended.
    pub order: OrderView,
    /// Name of the request.
    pub request_id: ClientOrderId,
}

impl Cancelled {
    /// JSON of it.
    ///
    /// # Errors
    /// Those of writing JSON.
    pub fn report(&self, step: &Step, view: &MarketView, units: TimeUnit) -> Result<Box<RawValue>, Error> {
        let shape = CancelledOrder::new(&self.order, &self.request_id, step, view, units);
        json::raw(json::to_string(&shape)?)
    }
}

/// The ends of orders that a receipt's own command cancelled. What ended before it because its time had come is no part of them.
pub fn closed(receipt: &Receipt) -> impl Iterator<Item = &Closed> {
    receipt.events().iter().filter_map(|event| match event {
        Event::Closed(closed) if closed.reason == CloseReason::Cancelled => Some(closed),
        _ => None,
    })
}

/// The orders that a receipt's own command cancelled.
///
/// # Errors
/// As [`order_after`].
pub async fn cancelled(app: &App, account: AccountId, receipt: &Receipt) -> Result<Vec<Cancelled>, Error> {
    let step = step_of(receipt)?;
    let mut all = Vec::new();
    for closed in closed(receipt) {
        let order = order_after(app, account, closed.order, step).await?;
        all.push(Cancelled { order, request_id: closed.request_id });
    }
    Ok(all)
}

/// An order of an account after a step: from memory once that holds the step, else from SQL.
///
/// # Errors
/// [`Error::Behind`] when memory does not follow; [`Error::Internal`] when the order is nowhere.
pub async fn order_after(app: &App, account: AccountId, order: OrderId, step: &Step) -> Result<OrderView, Error> {
    app.applied(step.sequence).await?;
    if let Some(view) = app.live.order(account, order) {
        return Ok(view);
    }
    // Memory forgets an ended order as soon as SQL has it.
    app.history
        .order(account, order)
        .await
        .map_err(Error::store)?
        .ok_or_else(|| Error::Internal(format!("order {order} is neither in memory nor in history")))
}
