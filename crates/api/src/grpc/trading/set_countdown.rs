//! `Trading.SetCountdown`: the dead-man's switch.

use model::{Command, Event};

use crate::binance::cancel::{refusal, step_of};
use crate::grpc::{proto, value};
use crate::{App, Caller, Error};

/// Microseconds in a millisecond.
const MS: u64 = 1_000;

/// Answers when the countdown is durable.
///
/// # Errors
/// Those of the market, [`Error::InvalidData`] for more than a day, [`Error::Place`] when the engine refuses, [`Error::Busy`],
/// [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::SetCountdownRequest,
) -> Result<proto::SetCountdownResponse, Error> {
    let market = value::optional_market(&app, &request.symbol)?.map(|view| view.market.id);
    if request.timeout_ms > Command::MAX_COUNTDOWN_US / MS {
        return Err(Error::InvalidData("timeout_ms"));
    }
    let command = Command::SetCountdown { account: caller.account, market, timeout_us: request.timeout_ms * MS };
    let receipt = app.submit(command).await?;
    let step = step_of(&receipt)?;
    let set = receipt.events().iter().find_map(|event| match event {
        Event::CountdownSet { account, market: of, deadline } if *account == caller.account && *of == market => {
            Some(deadline.0)
        }
        _ => None,
    });
    match set {
        Some(deadline_us) => Ok(proto::SetCountdownResponse { deadline_us, sequence: step.sequence.0 }),
        None => Err(refusal(&receipt, Error::Place)),
    }
}
