//! `GET /api/v3/historicalTrades`: trades of a market from an id on.

use projections::PublicQuery;

use super::get_trades::answer;
use crate::{Call, Cost, Error, Reply};

/// Market, first trade, number of trades.
pub const PARAMETERS: &[&str] = &["symbol", "limit", "fromId"];
/// What a request costs.
pub const COST: Cost = Cost::weight(25);

/// Answers with trades from `fromId` on, or with the newest: 500 by default, at most 1000.
///
/// # Errors
/// Those of the parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let limit = call.params.limit(500, 1_000)?;
    let from = call.params.trade_id("fromId")?;
    call.app.caught_up().await?;
    let Some(from) = from else { return answer(&view, &view.trades(limit), call.units) };
    if let Some(trades) = view.trades_from(from, limit) {
        return answer(&view, &trades, call.units);
    }
    let lag = call.app.history_lag().await;
    let query = PublicQuery { from: Some(from), start: None, end: None, limit: u32::try_from(limit).unwrap_or(1_000) };
    let trades = call.app.history.public_trades(view.market.id, &query).await.map_err(Error::store)?;
    Ok(answer(&view, &trades, call.units)?.behind(lag))
}
