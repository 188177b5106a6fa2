//! `GET /api/v3/trades`: the newest trades of a market.

use marketdata::{MarketView, PublicTrade};
use model::Side;
use serde::Serialize;

use crate::binance::{TimeUnit, orders};
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Market and number of trades.
pub const PARAMETERS: &[&str] = &["symbol", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(25);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trade {
    id: u64,
    price: Decimal,
    qty: Decimal,
    quote_qty: Decimal,
    time: u64,
    is_buyer_maker: bool,
    is_best_match: bool,
}

/// Answers with the newest trades, oldest first: 500 by default, at most 1000.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let limit = call.params.limit(500, 1_000)?;
    call.app.caught_up().await?;
    answer(&view, &view.trades(limit), call.units)
}

/// The answer with these trades.
pub(super) fn answer(view: &MarketView, trades: &[PublicTrade], units: TimeUnit) -> Result<Reply, Error> {
    let shapes: Vec<Trade> = trades
        .iter()
        .map(|trade| Trade {
            id: trade.id.0,
            price: orders::price(view, trade.price),
            qty: orders::quantity(view, trade.quantity),
            quote_qty: orders::quote(view, trade.quote),
            time: units.show(trade.time),
            is_buyer_maker: trade.taker_side == Side::Sell,
            is_best_match: true,
        })
        .collect();
    json::to_string(&shapes).map(Reply::json)
}
