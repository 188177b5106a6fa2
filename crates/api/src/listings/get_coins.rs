//! `GET /listings/coins`: the coin list.

use coins::Coin;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use crate::json;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Vec<Shape<'static>>>("The coin list", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ListedCoin")]
struct Shape<'a> {
    symbol: &'a str,
    name: &'a str,
    description: &'a str,
    links: &'a BTreeMap<String, String>,
    precision: u8,
    precision_text: &'a str,
    /// Decimals of the ledger.
    scale: u8,
    networks: &'a [String],
    icon: Option<&'a str>,
}

/// Answers with every asset, by symbol; one that nobody has described has its symbol for a name.
///
/// # Errors
/// [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let coins = call.app.coins.list(call.app.clock.monotonic_us()).await.map_err(super::stored)?;
    let mut assets = call.app.market_data.assets();
    // As text: a symbol by itself is ordered by its length first.
    assets.sort_by(|a, b| a.symbol.as_str().cmp(b.symbol.as_str()));
    let plain: Vec<Coin> = assets.iter().map(plain).collect();
    let shapes: Vec<Shape<'_>> = assets
        .iter()
        .zip(&plain)
        .map(|(asset, plain)| {
            let coin = coins.iter().find(|coin| coin.symbol == asset.symbol.as_str()).unwrap_or(plain);
            Shape {
                symbol: &coin.symbol,
                name: &coin.name,
                description: &coin.description,
                links: &coin.links,
                precision: coin.precision,
                precision_text: &coin.precision_text,
                scale: asset.scale,
                networks: &coin.networks,
                icon: coin.icon.as_deref(),
            }
        })
        .collect();
    json::to_string(&shapes).map(Reply::json)
}

/// What is told of an asset that nobody has described.
fn plain(asset: &model::Asset) -> Coin {
    Coin {
        symbol: asset.symbol.as_str().to_owned(),
        name: asset.symbol.as_str().to_owned(),
        description: String::new(),
        links: BTreeMap::new(),
        precision: asset.scale,
        precision_text: model::decimal::format(1, asset.scale, asset.scale),
        networks: Vec::new(),
        icon: None,
        coinmarketcap_id: None,
    }
}
