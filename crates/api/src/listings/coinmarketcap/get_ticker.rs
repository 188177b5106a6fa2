//! `GET /listings/coinmarketcap/ticker`: the last 24 hours of the markets by name.

use std::collections::BTreeMap;

use model::MarketState;
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::{self, Decimal};
use crate::listings::pair::{self, Day};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply, listings};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs =
    Docs::json::<BTreeMap<String, Shape>>("The last 24 hours of markets by name, as CoinMarketCap asks for them", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinMarketCapTicker")]
struct Shape {
    #[serde(skip_serializing_if = "Option::is_none")]
    base_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_id: Option<u32>,
    last_price: Decimal,
    base_volume: Decimal,
    quote_volume: Decimal,
    #[serde(rename = "isFrozen")]
    is_frozen: &'static str,
}

/// Answers with all markets; one that does not trade at the moment is frozen.
///
/// # Errors
/// [`Error::Behind`] when the views do not follow, [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let coins = call.app.coins.list(call.app.clock.monotonic_us()).await.map_err(listings::stored)?;
    call.app.caught_up().await?;
    let id = |symbol: &str| coins.iter().find(|coin| coin.symbol == symbol)?.coinmarketcap_id;
    let markets = call.app.market_data.markets();
    let shapes: BTreeMap<String, Shape> = markets
        .iter()
        .map(|view| {
            let day = Day::of(&call.app, view);
            let shape = Shape {
                base_id: id(view.base.symbol.as_str()),
                quote_id: id(view.quote.symbol.as_str()),
                last_price: day.last,
                base_volume: day.base_volume,
                quote_volume: day.quote_volume,
                is_frozen: if view.status().state == MarketState::Trading { "0" } else { "1" },
            };
            (pair::name(view), shape)
        })
        .collect();
    json::to_string(&shapes).map(Reply::json)
}
