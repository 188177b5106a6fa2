//! `GET /api/v3/depth`: the book, best prices first.

use marketdata::{Level, MarketView};
use serde::Serialize;

use crate::binance::orders;
use crate::json::{self, Decimal};
use crate::{Call, Error, Reply};

/// Market and number of levels of each side.
pub const PARAMETERS: &[&str] = &["symbol", "limit"];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Depth {
    last_update_id: u64,
    bids: Vec<[Decimal; 2]>,
    asks: Vec<[Decimal; 2]>,
}

/// Answers with at most `limit` levels of each side: 100 by default, at most 5000.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let limit = call.params.limit(100, 5_000)?;
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
