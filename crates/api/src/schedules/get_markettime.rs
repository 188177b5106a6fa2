//! `GET /api/v2/public/markettime/{market}`: a market's schedule, what it says now and when it says something else.

use markettime::Rules;
use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply, json};

/// Market.
pub const PARAMETERS: &[&str] = &["market"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Shape<'static>>("When a market trades, by its schedule", &["market"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MarketHours")]
struct Shape<'a> {
    market: &'a str,
    /// The state that the market is in, whoever set it.
    state: &'static str,
    /// What the schedule says; none without one.
    scheduled: Option<&'static str>,
    /// When the schedule says something else; none: never.
    next_change: Option<u64>,
    next_state: Option<&'static str>,
    #[schemars(with = "Option<serde_json::Value>")]
    schedule: Option<&'a Rules>,
}

/// Answers with an object; times are in milliseconds.
///
/// # Errors
/// [`Error::InvalidSymbol`]; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let symbol = call.params.required("market")?;
    let view = call.app.market_data.market(symbol).ok_or(Error::InvalidSymbol)?;
    let found = call.app.schedules.find(symbol).await.map_err(|error| Error::Internal(error.to_string()))?;
    call.app.caught_up().await?;
    let now = call.app.now();
    let next = found.as_ref().and_then(|stored| stored.schedule.next_change(now));
    let said = |at| found.as_ref().map(|stored| stored.schedule.at(at).state.name());
    let shape = Shape {
        market: view.symbol(),
        state: view.status().state.name(),
        scheduled: said(now),
        next_change: next.map(|time| call.units.show(time)),
        next_state: next.and_then(said),
        schedule: found.as_ref().map(|stored| &stored.rules),
    };
    json::to_string(&shape).map(Reply::json)
}
