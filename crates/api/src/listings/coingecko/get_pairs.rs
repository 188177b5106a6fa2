//! `GET /listings/coingecko/pairs`: the markets.

use schemars::JsonSchema;
use serde::Serialize;

use crate::listings::pair;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply, json};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Vec<Pair<'static>>>("Markets, as CoinGecko asks for them", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinGeckoPair")]
struct Pair<'a> {
    ticker_id: String,
    base: &'a str,
    target: &'a str,
}

/// Answers with all markets.
///
/// # Errors
/// Those of writing JSON.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = call.app.market_data.markets();
    let pairs: Vec<Pair<'_>> = markets
        .iter()
        .map(|view| Pair {
            ticker_id: pair::name(view),
            base: view.base.symbol.as_str(),
            target: view.quote.symbol.as_str(),
        })
        .collect();
    json::to_string(&pairs).map(Reply::json)
}
