//! `GET /api/v3/depth`: the book, best prices first.

use marketdata::{Level, MarketView};
use serde::Serialize;

use crate::binance::{Params, orders};
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Market, number of levels of each side, the status that the market must have.
pub const PARAMETERS: &[&str] = &["symbol", "limit", "symbolStatus"];
/// By number of levels.
pub const COST: Cost = Cost::of(weight);

/// Levels of each side when no number is asked for.
const DEFAULT_LEVELS: usize = 100;
/// Most levels of each side.
const MAX_LEVELS: usize = 5_000;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Depth {
    last_update_id: u64,
    bids: Vec<[Decimal; 2]>,
    asks: Vec<[Decimal; 2]>,
}

/// Weight by the number of levels that is asked for.
fn weight(params: &Params) -> u32 {
    match params.limit(DEFAULT_LEVELS, MAX_LEVELS).unwrap_or(DEFAULT_LEVELS) {
        0..=100 => 5,
        101..=500 => 25,
        501..=1_000 => 50,
        _ => 250,
    }
}

/// Answers with at most `limit` levels of each side: 100 by default, at most 5000.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market_of_status(&call.app)?;
    let limit = call.params.limit(DEFAULT_LEVELS, MAX_LEVELS)?;
    call.app.caught_up().await?;
    let depth = view.depth(limit);
    let shape = Depth {
        last_update_id: depth.last_update_id,
        bids: levels(&view, &depth.bids),
        asks: levels(&view, &depth.asks),
    };
    json::to_string(&shape).map(Reply::json)
}

/// Levels as pairs of price and quantity.
pub(crate) fn levels(view: &MarketView, levels: &[Level]) -> Vec<[Decimal; 2]> {
    levels.iter().map(|level| [orders::price(view, level.price), orders::quantity(view, level.quantity)]).collect()
}
