//! `GET /listings/coingecko/orderbook`: the book of a market.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::{self, Decimal};
use crate::listings::{book, pair};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// Market, and levels of both sides together: half of them of each; zero: all, at most 5,000 of each.
pub const PARAMETERS: &[&str] = &["ticker_id", "depth"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Book>("The book of a market, as CoinGecko asks for it", &["ticker_id"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(5);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinGeckoBook")]
struct Book {
    ticker_id: String,
    timestamp: u64,
    bids: Vec<[Decimal; 2]>,
    asks: Vec<[Decimal; 2]>,
}

/// Answers with levels as price and quantity, best first, and the time in milliseconds.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = pair::find(&call.app, call.params.required("ticker_id")?)?;
    let levels = book::levels_of_each_side(&call.params)?;
    call.app.caught_up().await?;
    let [bids, asks] = book::sides(&view, levels);
    let shape = Book { ticker_id: pair::name(&view), timestamp: call.app.now().millis(), bids, asks };
    json::to_string(&shape).map(Reply::json)
}
