//! `GET /api/v3/executionRules`: rules that keep trades within a range around a reference price. No market has one: what bounds prices
//! here are filters and auctions.

use serde::Serialize;

use crate::binance::Params;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// One market, some, those of a status, or all.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "symbolStatus"];
/// By number of markets.
pub const COST: Cost = Cost::of(weight);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecutionRules<'a> {
    symbol_rules: Vec<SymbolRules<'a>>,
}

#[derive(Debug, Serialize)]
struct SymbolRules<'a> {
    symbol: &'a str,
    rules: [(); 0],
}

fn weight(params: &Params) -> u32 {
    match (params.get("symbol"), params.symbols_named()) {
        (Some(_), _) => 2,
        (None, Some(named)) => u32::try_from(named).unwrap_or(20).min(20) * 2,
        (None, None) => 40,
    }
}

/// Answers with the markets, each without a rule.
///
/// # Errors
/// [`Error::InvalidCombination`] for more than one parameter, and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    if PARAMETERS.iter().filter(|name| call.params.get(name).is_some()).count() > 1 {
        return Err(Error::InvalidCombination);
    }
    call.app.caught_up().await?;
    let markets = call.params.markets(&call.app)?.into_list();
    let symbol_rules = markets.iter().map(|view| SymbolRules { symbol: view.symbol(), rules: [] }).collect();
    json::to_string(&ExecutionRules { symbol_rules }).map(Reply::json)
}
