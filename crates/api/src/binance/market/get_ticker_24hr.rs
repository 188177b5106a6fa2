//! `GET /api/v3/ticker/24hr`: what a market did in the last 24 hours.

use marketdata::MarketView;
use model::Timestamp;
use serde::Serialize;

use super::statistics::{Extent, MiniTicker, average, change, level};
use crate::binance::{Params, TimeUnit, orders};
use crate::json::Decimal;
use crate::{Call, Cost, Error, Reply};

/// One market, some, or all, the status that they must have; `FULL` or `MINI`.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "symbolStatus", "type"];
/// By number of markets.
pub const COST: Cost = Cost::of(weight);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FullTicker<'a> {
    symbol: &'a str,
    price_change: Decimal,
    price_change_percent: Decimal,
    weighted_avg_price: Decimal,
    prev_close_price: Decimal,
    last_price: Decimal,
    last_qty: Decimal,
    bid_price: Decimal,
    bid_qty: Decimal,
    ask_price: Decimal,
    ask_qty: Decimal,
    open_price: Decimal,
    high_price: Decimal,
    low_price: Decimal,
    volume: Decimal,
    quote_volume: Decimal,
    open_time: u64,
    close_time: u64,
    first_id: i64,
    last_id: i64,
    count: u64,
}

/// Weight by the number of markets; all of them are the most.
fn weight(params: &Params) -> u32 {
    match (params.get("symbol"), params.symbols_named()) {
        (Some(_), _) | (None, Some(0..=20)) => 2,
        (None, Some(21..=100)) => 40,
        (None, _) => 80,
    }
}

/// Answers with an object for `symbol`, else with a list.
///
/// # Errors
/// [`Error::InvalidTickerType`] and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = call.params.markets(&call.app)?;
    let extent = Extent::read(&call.params)?;
    call.app.caught_up().await?;
    let (now, units) = (call.app.now(), call.units);
    let body = match extent {
        Extent::Full => markets.answer(|view| full_ticker(view, now, units)),
        Extent::Mini => markets.answer(|view| MiniTicker::new(view, &view.ticker(now), units)),
    }?;
    Ok(Reply::json(body))
}

fn full_ticker(view: &MarketView, now: Timestamp, units: TimeUnit) -> FullTicker<'_> {
    let ticker = view.ticker(now);
    let book = view.book_ticker();
    let ([bid_price, bid_qty], [ask_price, ask_qty]) = (level(view, book.bid), level(view, book.ask));
    let [price_change, price_change_percent] = change(view, &ticker);
    let mini = MiniTicker::new(view, &ticker, units);
    FullTicker {
        symbol: view.symbol(),
        price_change,
        price_change_percent,
        weighted_avg_price: average(view, &ticker),
        prev_close_price: orders::price(view, ticker.previous_close),
        last_price: mini.last_price,
        last_qty: orders::quantity(view, ticker.last_quantity),
        bid_price,
        bid_qty,
        ask_price,
        ask_qty,
        open_price: mini.open_price,
        high_price: mini.high_price,
        low_price: mini.low_price,
        volume: mini.volume,
        quote_volume: mini.quote_volume,
        open_time: mini.open_time,
        close_time: mini.close_time,
        first_id: mini.first_id,
        last_id: mini.last_id,
        count: mini.count,
    }
}
