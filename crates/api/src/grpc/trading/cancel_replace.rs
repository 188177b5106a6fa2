//! `Trading.CancelReplace`: cancels one order and places another, in one step of the journal.

use marketdata::MarketView;
use model::{CancelReplace, Command, Event, Receipt, ReplaceMode, Step};
use proto::cancel_replace_response::{Cancel, Place};

use super::new_order::{self, request_id};
use crate::binance::cancel::{closed, order_after, refusal, step_of};
use crate::grpc::{proto, shape, status, value};
use crate::{App, Caller, Error};

/// Answers when the step is durable, with what became of each half.
///
/// # Errors
/// Those of the values, [`Error::Busy`], [`Error::Stopped`]. A half that the engine refused is no error of the call.
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::CancelReplaceRequest,
) -> Result<proto::CancelReplaceResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let mode = match proto::ReplaceMode::try_from(request.mode).map_err(|_| Error::InvalidData("mode"))? {
        proto::ReplaceMode::Unspecified | proto::ReplaceMode::StopOnFailure => ReplaceMode::StopOnFailure,
        proto::ReplaceMode::AllowFailure => ReplaceMode::AllowFailure,
    };
    let target = value::target(
        ("cancel_order_id", request.cancel_order_id),
        ("cancel_client_order_id", &request.cancel_client_order_id),
    )?;
    let cancel_id = request_id(&app, "cancel_id", &request.cancel_id)?;
    let place = new_order::read(&app, caller.account, &view, "order", request.order.as_ref())?;
    let command = CancelReplace { mode, target, cancel_id, place };
    let receipt = app.submit(Command::CancelReplace(command)).await?;
    let step = step_of(&receipt)?;

    let cancel = cancel_half(&app, caller, &view, &receipt, step).await?;
    // With STOP_ON_FAILURE a failed cancel ends the step: there is no second half.
    let is_tried = matches!(cancel, Cancel::Cancelled(_)) || mode == ReplaceMode::AllowFailure;
    let mut response = proto::CancelReplaceResponse {
        cancel: Some(cancel),
        place: None,
        fills: Vec::new(),
        sequence: step.sequence.0,
    };
    if is_tried {
        place_half(&mut response, &view, &receipt, step)?;
    }
    Ok(response)
}

async fn cancel_half(
    app: &App,
    caller: Caller,
    view: &MarketView,
    receipt: &Receipt,
    step: &Step,
) -> Result<Cancel, Error> {
    if let Some(closed) = closed(receipt).next() {
        let order = order_after(app, caller.account, closed.order, step).await?;
        return Ok(Cancel::Cancelled(shape::order(&order, view)));
    }
    let reason = receipt.events().iter().find_map(|event| match event {
        Event::CancelRejected { reason, .. } | Event::Rejected { reason, .. } => Some(*reason),
        _ => None,
    });
    match reason {
        Some(reason) => Ok(Cancel::CancelRefused(refused(&Error::Cancel(reason)))),
        None => Err(Error::Internal("a receipt neither cancels the order nor refuses to".to_owned())),
    }
}

fn place_half(
    response: &mut proto::CancelReplaceResponse,
    view: &MarketView,
    receipt: &Receipt,
    step: &Step,
) -> Result<(), Error> {
    if let Some(placed) = projections::placed(step, receipt.events(), &view.market) {
        response.place = Some(Place::Placed(shape::order(&placed.order, view)));
        response.fills = shape::fills(&placed.fills, view);
        return Ok(());
    }
    match refusal(receipt, Error::Place) {
        error @ Error::Place(_) => response.place = Some(Place::PlaceRefused(refused(&error))),
        fault => return Err(fault),
    }
    Ok(())
}

fn refused(error: &Error) -> proto::Refusal {
    proto::Refusal { code: status::reason(error), message: error.to_string() }
}
