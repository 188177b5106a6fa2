//! `GET /api/v3/ticker/price`: the last price.

use model::Price;
use serde::Serialize;

use super::price_weight;
use crate::binance::orders;
use crate::json::Decimal;
use crate::{Call, Cost, Error, Reply};

/// One market, some, or all.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "symbolStatus"];
/// By number of markets.
pub const COST: Cost = Cost::of(price_weight);

#[derive(Debug, Serialize)]
struct LastPrice<'a> {
    symbol: &'a str,
    price: Decimal,
}

/// Answers with an object for `symbol`, else with a list. The price is zero before the first trade.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = call.params.markets(&call.app)?;
    call.app.caught_up().await?;
    let body = markets.answer(|view| LastPrice {
        symbol: view.symbol(),
        price: orders::price(view, view.last_price().unwrap_or(Price::ZERO)),
    })?;
    Ok(Reply::json(body))
}
