//! `DELETE /api/v3/openOrders`: cancels all open orders of a market.

use model::{Command, Event, Reject};

use crate::binance::cancel::{closed, order_after, step_of};
use crate::binance::orders::CancelledOrder;
use crate::call::Caller;
use crate::json;
use crate::{Call, Error, Reply};

/// The market.
pub const PARAMETERS: &[&str] = &["symbol"];

/// Answers when the cancels are durable, with each order as it ended.
///
/// # Errors
/// [`Error::Cancel`] when none was open, as Binance has it; those of the parameters, [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let account = call.caller.account;
    let receipt = call.app.submit(Command::CancelAll { account, market: Some(view.market.id) }).await?;
    let step = step_of(&receipt)?;
    if let Some(Event::Rejected { reason, .. }) = receipt.events().first() {
        return Err(Error::Cancel(*reason));
    }
    let mut ended = Vec::new();
    for closed in closed(&receipt) {
        ended.push((order_after(&call.app, account, closed.order, step).await?, closed.request_id));
    }
    if ended.is_empty() {
        return Err(Error::Cancel(Reject::UnknownOrder));
    }
    let shapes: Vec<CancelledOrder<'_>> = ended
        .iter()
        .map(|(order, request_id)| CancelledOrder::new(order, request_id, step, &view, call.units))
        .collect();
    json::to_string(&shapes).map(Reply::json)
}
