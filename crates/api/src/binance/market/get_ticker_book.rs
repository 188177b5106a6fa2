//! `GET /api/v3/ticker/bookTicker`: the best bid and ask.

use serde::Serialize;

use super::price_weight;
use super::statistics::level;
use crate::json::Decimal;
use crate::{Call, Cost, Error, Reply};

/// One market, some, or all.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "symbolStatus"];
/// By number of markets.
pub const COST: Cost = Cost::of(price_weight);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BookTicker<'a> {
    symbol: &'a str,
    bid_price: Decimal,
    bid_qty: Decimal,
    ask_price: Decimal,
    ask_qty: Decimal,
}

/// Answers with an object for `symbol`, else with a list. An empty side is shown as zeros.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = call.params.markets(&call.app)?;
    call.app.caught_up().await?;
    let body = markets.answer(|view| {
        let book = view.book_ticker();
        let ([bid_price, bid_qty], [ask_price, ask_qty]) = (level(view, book.bid), level(view, book.ask));
        BookTicker { symbol: view.symbol(), bid_price, bid_qty, ask_price, ask_qty }
    })?;
    Ok(Reply::json(body))
}
