//! `Trading.CancelAll`: cancels all open orders of one market, or of all.

use model::{Command, Event};

use crate::binance::cancel::{cancelled, refusal, step_of};
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the cancels are durable, with each order as it ended; with none when none was open.
///
/// # Errors
/// Those of the market, [`Error::Cancel`] when its state forbids cancels, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::CancelAllRequest,
) -> Result<proto::CancelAllResponse, Error> {
    let market = value::optional_market(&app, &request.symbol)?.map(|view| view.market.id);
    let account = caller.account;
    let receipt = app.submit(Command::CancelAll { account, market }).await?;
    let step = step_of(&receipt)?;
    if receipt.events().iter().any(|event| matches!(event, Event::Rejected { .. })) {
        return Err(refusal(&receipt, Error::Cancel));
    }
    let ended = cancelled(&app, account, &receipt).await?;
    Ok(proto::CancelAllResponse {
        orders: shape::orders_of(&app, ended.iter().map(|ended| &ended.order))?,
        sequence: step.sequence.0,
    })
}
