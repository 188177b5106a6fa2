//! `GET /listings/coinmarketcap/assets`: the assets by symbol.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply, json, listings};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<BTreeMap<String, Shape<'static>>>("Assets, as CoinMarketCap asks for them", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinMarketCapAsset")]
struct Shape<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unified_cryptoasset_id: Option<u32>,
    can_withdraw: bool,
    can_deposit: bool,
}

/// Answers with all assets. None can be deposited or withdrawn: there is no custody on chains yet.
///
/// # Errors
/// [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let coins = call.app.coins.list(call.app.clock.monotonic_us()).await.map_err(listings::stored)?;
    let assets = call.app.market_data.assets();
    let shapes: BTreeMap<&str, Shape<'_>> = assets
        .iter()
        .map(|asset| {
            let symbol = asset.symbol.as_str();
            let coin = coins.iter().find(|coin| coin.symbol == symbol);
            let shape = Shape {
                name: coin.map_or(symbol, |coin| coin.name.as_str()),
                unified_cryptoasset_id: coin.and_then(|coin| coin.coinmarketcap_id),
                can_withdraw: false,
                can_deposit: false,
            };
            (symbol, shape)
        })
        .collect();
    json::to_string(&shapes).map(Reply::json)
}
