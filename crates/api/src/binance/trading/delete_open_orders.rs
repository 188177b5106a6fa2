//! `DELETE /api/v3/openOrders`: cancels all open orders of a market.

use model::{Command, Event, Reject};
use serde_json::value::RawValue;

use crate::binance::cancel::{Cancelled, cancelled, refusal, step_of};
use crate::binance::lists::{List, list_after};
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// The market.
pub const PARAMETERS: &[&str] = &["symbol"];
/// Nothing when it succeeds.
pub const COST: Cost = Cost::change(1, 0);

/// Answers when the cancels are durable, with each order as it ended; those of a list together, where the first of them stood.
///
/// # Errors
/// [`Error::Cancel`] when none was open, as Binance has it; those of the parameters, [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let account = call.caller.account;
    let receipt = call.app.submit(Command::CancelAll { account, market: Some(view.market.id) }).await?;
    let step = step_of(&receipt)?;
    if receipt.events().iter().any(|event| matches!(event, Event::Rejected { .. })) {
        return Err(refusal(&receipt, Error::Cancel));
    }
    let ended = cancelled(&call.app, account, &receipt).await?;
    if ended.is_empty() {
        return Err(Error::Cancel(Reject::UnknownOrder));
    }
    let report = |ended: &Cancelled| ended.report(step, &view, call.units);
    let mut shapes: Vec<Box<RawValue>> = Vec::with_capacity(ended.len());
    for (at, one) in ended.iter().enumerate() {
        let list = one.order.list;
        if list.0 == 0 {
            shapes.push(report(one)?);
        } else if ended[..at].iter().all(|earlier| earlier.order.list != list) {
            let whole = list_after(&call.app, account, list, step).await?;
            let of_list = ended[at..].iter().filter(|other| other.order.list == list);
            let reports = of_list.map(report).collect::<Result<_, _>>()?;
            shapes.push(json::raw(json::to_string(&List::new(&whole, &view, step.time, Some(reports), call.units))?)?);
        }
    }
    json::to_string(&shapes).map(Reply::json)
}
