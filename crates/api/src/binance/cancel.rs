//! What cancels share: naming the order, and finding what became of it.

use model::{AccountId, Closed, Event, OrderId, Receipt, Step, Target};
use projections::OrderView;

use super::params::Params;
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

/// The cancelled orders of a receipt.
pub fn closed(receipt: &Receipt) -> impl Iterator<Item = &Closed> {
    receipt.events().iter().filter_map(|event| match event {
        Event::Closed(closed) => Some(closed),
        _ => None,
    })
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
