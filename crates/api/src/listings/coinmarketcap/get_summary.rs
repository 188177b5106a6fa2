//! `GET /listings/coinmarketcap/summary`: the last 24 hours of each market, with numbers as numbers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::{self, Decimal, Number};
use crate::listings::pair::{self, Day};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs =
    Docs::json::<Vec<Shape<'static>>>("The last 24 hours of markets, as CoinMarketCap asks for them", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinMarketCapSummary")]
struct Shape<'a> {
    trading_pairs: String,
    base_currency: &'a str,
    quote_currency: &'a str,
    last_price: Number,
    lowest_ask: Number,
    highest_bid: Number,
    base_volume: Number,
    quote_volume: Number,
    price_change_percent_24h: Number,
    highest_price_24h: Number,
    lowest_price_24h: Number,
}

/// Answers with all markets; prices are zero where there is none.
///
/// # Errors
/// [`Error::Behind`] when the views do not follow.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    call.app.caught_up().await?;
    let markets = call.app.market_data.markets();
    let shapes: Vec<Shape<'_>> = markets
        .iter()
        .map(|view| {
            let day = Day::of(&call.app, view);
            Shape {
                trading_pairs: pair::name(view),
                base_currency: view.base.symbol.as_str(),
                quote_currency: view.quote.symbol.as_str(),
                last_price: Number(day.last),
                lowest_ask: Number(day.ask),
                highest_bid: Number(day.bid),
                base_volume: Number(day.base_volume),
                quote_volume: Number(day.quote_volume),
                price_change_percent_24h: Number(Decimal::at_least(day.change, 3, 3)),
                highest_price_24h: Number(day.high),
                lowest_price_24h: Number(day.low),
            }
        })
        .collect();
    json::to_string(&shapes).map(Reply::json)
}
