//! `POST /api/v3/order/cancelReplace`: cancels one order and places another, in one step of the journal.

use model::{CancelReplace, Command, Event, Receipt, ReplaceMode};
use serde::Serialize;
use serde_json::value::RawValue;

use super::post_order::outcome;
use crate::binance::cancel::{closed, order_after, step_of, target};
use crate::binance::order_request::{OrderRequest, new_client_id};
use crate::binance::orders::{CancelledOrder, placed_json};
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Those of a new order, and the order to cancel.
pub const PARAMETERS: &[&str] = &[
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "quoteOrderQty",
    "price",
    "newClientOrderId",
    "stopPrice",
    "trailingDelta",
    "icebergQty",
    "goodTillDate",
    "newOrderRespType",
    "selfTradePreventionMode",
    "cancelReplaceMode",
    "cancelOrderId",
    "cancelOrigClientOrderId",
    "cancelNewClientOrderId",
];
/// One order; nothing else when it succeeds.
pub const COST: Cost = Cost::change(1, 1);

/// What became of each half; the responses are JSON of their own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    cancel_result: &'static str,
    new_order_result: &'static str,
    cancel_response: Box<RawValue>,
    new_order_response: Option<Box<RawValue>>,
}

const SUCCESS: &str = "SUCCESS";
const FAILURE: &str = "FAILURE";
const NOT_ATTEMPTED: &str = "NOT_ATTEMPTED";

/// Answers when the step is durable, with both halves.
///
/// # Errors
/// [`Error::ReplacePartlyFailed`] when one half failed, [`Error::ReplaceFailed`] when no half succeeded; those of the parameters,
/// [`Error::Busy`], [`Error::Stopped`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let request = OrderRequest::read(&call.app, call.caller.account, &call.params)?;
    let mode = match call.params.required("cancelReplaceMode")? {
        "STOP_ON_FAILURE" => ReplaceMode::StopOnFailure,
        "ALLOW_FAILURE" => ReplaceMode::AllowFailure,
        _ => return Err(Error::InvalidData("cancelReplaceMode")),
    };
    let target = target(&call.params, "cancelOrderId", "cancelOrigClientOrderId")?;
    let cancel_id = match call.params.client_id("cancelNewClientOrderId")? {
        Some(id) => id,
        None => new_client_id(&call.app)?,
    };
    let command = CancelReplace { mode, target, cancel_id, place: request.place };
    let receipt = call.app.submit(Command::CancelReplace(command)).await?;

    let cancelled = cancel_half(&call, &request, &receipt).await?;
    // With STOP_ON_FAILURE a failed cancel ends the step: there is no second half.
    let attempted = cancelled.is_ok() || mode == ReplaceMode::AllowFailure;
    let placed = if attempted { Some(place_half(&call, &request, &receipt)?) } else { None };
    answer(cancelled, placed)
}

/// JSON of the cancelled order, or of why it was not; the outer error is a fault of ours.
async fn cancel_half(
    call: &Call<Caller>,
    request: &OrderRequest,
    receipt: &Receipt,
) -> Result<Result<String, String>, Error> {
    let step = step_of(receipt)?;
    let Some(closed) = closed(receipt).next() else {
        let reason = receipt.events().iter().find_map(|event| match event {
            Event::CancelRejected { reason, .. } | Event::Rejected { reason, .. } => Some(*reason),
            _ => None,
        });
        return match reason {
            Some(reason) => Ok(Err(Error::Cancel(reason).to_json())),
            None => Err(Error::Internal("a receipt neither cancels the order nor refuses to".to_owned())),
        };
    };
    let order = order_after(&call.app, call.caller.account, closed.order, step).await?;
    json::to_string(&CancelledOrder::new(&order, &closed.request_id, step, &request.view, call.units)).map(Ok)
}

/// JSON of the new order, or of why there is none; the outer error is a fault of ours.
fn place_half(call: &Call<Caller>, request: &OrderRequest, receipt: &Receipt) -> Result<Result<String, String>, Error> {
    match outcome(receipt, request) {
        Ok(placed) => placed_json(&placed, &request.view, request.respond, call.units).map(Ok),
        Err(refusal @ Error::Place(_)) => Ok(Err(refusal.to_json())),
        Err(fault) => Err(fault),
    }
}

fn answer(cancelled: Result<String, String>, placed: Option<Result<String, String>>) -> Result<Reply, Error> {
    let succeeded = (cancelled.is_ok(), matches!(placed, Some(Ok(_))));
    let new_order_result = match &placed {
        None => NOT_ATTEMPTED,
        Some(Ok(_)) => SUCCESS,
        Some(Err(_)) => FAILURE,
    };
    let outcome = Outcome {
        cancel_result: if succeeded.0 { SUCCESS } else { FAILURE },
        new_order_result,
        cancel_response: json::raw(cancelled.unwrap_or_else(|refusal| refusal))?,
        new_order_response: placed.map(|half| json::raw(half.unwrap_or_else(|refusal| refusal))).transpose()?,
    };
    let body = json::to_string(&outcome)?;
    match succeeded {
        (true, true) => Ok(Reply::json(body)),
        (false, false) => Err(Error::ReplaceFailed(body)),
        _ => Err(Error::ReplacePartlyFailed(body)),
    }
}
