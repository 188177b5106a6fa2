//! `GET /api/v3/ticker/tradingDay`: what a market did since the day began by the clock of a time zone.

use super::get_klines::offset;
use super::statistics::answer;
use super::{some_markets, window_weight};
use crate::{Call, Cost, Error, Reply};

/// Markets, the status that they must have, time zone; `FULL` or `MINI`.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "symbolStatus", "timeZone", "type"];
/// By number of markets.
pub const COST: Cost = Cost::of(window_weight);

/// Answers with an object for `symbol`, else with a list.
///
/// # Errors
/// [`Error::MandatoryOneOf`] when no market is named, [`Error::InvalidData`] for a time zone that there is not, those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = some_markets(&call.params, &call.app)?;
    let (offset, now) = (offset(&call.params)?, call.app.now());
    answer(&call, &markets, |view| view.trading_day(now, offset)).await
}
