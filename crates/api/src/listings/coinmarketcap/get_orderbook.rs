//! `GET /listings/coinmarketcap/orderbook/{market_pair}`: the book of a market.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::{self, Decimal};
use crate::listings::{book, pair};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// Market; levels of both sides together, half of them of each (zero: all, at most 5,000 of each); 1 for the best prices
/// only, 2 for `depth` levels, 3 for all.
pub const PARAMETERS: &[&str] = &["market_pair", "depth", "level"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Book>("The book of a market, as CoinMarketCap asks for it", &["market_pair"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(5);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinMarketCapBook")]
struct Book {
    timestamp: u64,
    bids: Vec<[Decimal; 2]>,
    asks: Vec<[Decimal; 2]>,
}

/// Answers with levels as price and quantity, best first, and the time in milliseconds. Single orders are not shown: level 3
/// is every price.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = pair::find(&call.app, call.params.required("market_pair")?)?;
    let depth = book::levels_of_each_side(&call.params)?;
    let levels = match call.params.get("level") {
        Some("1") => 1,
        None | Some("2") => depth,
        Some("3") => book::MAX_LEVELS,
        Some(_) => return Err(Error::InvalidData("level")),
    };
    call.app.caught_up().await?;
    let [bids, asks] = book::sides(&view, levels);
    json::to_string(&Book { timestamp: call.app.now().millis(), bids, asks }).map(Reply::json)
}
