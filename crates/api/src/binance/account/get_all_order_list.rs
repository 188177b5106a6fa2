//! `GET /api/v3/allOrderList`: every order list, open or done.

use model::ListId;
use projections::ListsQuery;

use crate::binance::lists;
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// First list, span of time, number of lists.
pub const PARAMETERS: &[&str] = &["fromId", "startTime", "endTime", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(20);

/// Answers with lists, oldest first: from `fromId` or `startTime` on, else the newest; 500 by default, at most 1000. When SQL
/// lies behind, the header `X-Rialto-Lag` says by how many positions of the journal.
///
/// # Errors
/// [`Error::InvalidCombination`] for `fromId` with a time, [`Error::IntervalTooLong`] above 24 hours, those of the parameters;
/// [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let from = call.params.integer("fromId")?.map(ListId);
    let (start, end) = call.params.day()?;
    if from.is_some() && (start.is_some() || end.is_some()) {
        return Err(Error::InvalidCombination);
    }
    let limit = u32::try_from(call.params.limit(500, 1_000)?).unwrap_or(1_000);
    let lag = call.app.history_lag().await;
    let query = ListsQuery { from, start, end, limit };
    let found = call.app.history.lists(call.caller.account, &query).await.map_err(Error::store)?;
    Ok(Reply::json(lists::lists_json(&call.app, &found, call.units)?).behind(lag))
}
