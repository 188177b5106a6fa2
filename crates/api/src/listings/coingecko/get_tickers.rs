//! `GET /listings/coingecko/tickers`: the last 24 hours of each market.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::{self, Decimal};
use crate::listings::pair::{self, Day};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs =
    Docs::json::<Vec<Shape<'static>>>("The last 24 hours of markets, as CoinGecko asks for them", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinGeckoTicker")]
struct Shape<'a> {
    ticker_id: String,
    base_currency: &'a str,
    target_currency: &'a str,
    last_price: Decimal,
    base_volume: Decimal,
    target_volume: Decimal,
    bid: Decimal,
    ask: Decimal,
    high: Decimal,
    low: Decimal,
}

/// Answers with all markets; prices are zero where there is none.
///
/// # Errors
/// [`Error::Behind`] when the views do not follow.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    call.app.caught_up().await?;
    let markets = call.app.market_data.markets();
    let tickers: Vec<Shape<'_>> = markets
        .iter()
        .map(|view| {
            let day = Day::of(&call.app, view);
            Shape {
                ticker_id: pair::name(view),
                base_currency: view.base.symbol.as_str(),
                target_currency: view.quote.symbol.as_str(),
                last_price: day.last,
                base_volume: day.base_volume,
                target_volume: day.quote_volume,
                bid: day.bid,
                ask: day.ask,
                high: day.high,
                low: day.low,
            }
        })
        .collect();
    json::to_string(&tickers).map(Reply::json)
}
