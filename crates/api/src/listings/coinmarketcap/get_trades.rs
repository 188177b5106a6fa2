//! `GET /listings/coinmarketcap/trades/{market_pair}`: the newest trades of a market.

use marketdata::{MarketView, PublicTrade};
use model::Side;
use schemars::JsonSchema;
use serde::Serialize;

use crate::binance::orders;
use crate::json::{self, Decimal};
use crate::listings::pair;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// Market.
pub const PARAMETERS: &[&str] = &["market_pair"];
/// What the API reference says of it.
pub const DOCS: Docs =
    Docs::json::<Vec<Shape>>("Trades of the last 24 hours, as CoinMarketCap asks for them", &["market_pair"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(5);

/// Trades of one answer.
const MOST: usize = 1_000;
const DAY_US: u64 = 86_400_000_000;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinMarketCapTrade")]
struct Shape {
    trade_id: u64,
    price: Decimal,
    base_volume: Decimal,
    quote_volume: Decimal,
    timestamp: u64,
    #[serde(rename = "type")]
    side: &'static str,
}

/// Answers with the trades of the last 24 hours, oldest first, at most the newest 1000.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = pair::find(&call.app, call.params.required("market_pair")?)?;
    call.app.caught_up().await?;
    let since = call.app.now().0.saturating_sub(DAY_US);
    let trades = view.trades(MOST);
    let shapes: Vec<Shape> =
        trades.iter().filter(|trade| trade.time.0 >= since).map(|trade| shape(&view, trade)).collect();
    json::to_string(&shapes).map(Reply::json)
}

fn shape(view: &MarketView, trade: &PublicTrade) -> Shape {
    Shape {
        trade_id: trade.id.0,
        price: orders::price(view, trade.price),
        base_volume: orders::quantity(view, trade.quantity),
        quote_volume: orders::quote(view, trade.quote),
        timestamp: trade.time.millis(),
        side: if trade.taker_side == Side::Buy { "buy" } else { "sell" },
    }
}
