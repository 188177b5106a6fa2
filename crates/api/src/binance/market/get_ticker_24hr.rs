//! `GET /api/v3/ticker/24hr`: what a market did in the last 24 hours.

use marketdata::{Level, MarketView};
use model::{Timestamp, TradeId};
use serde::Serialize;

use crate::binance::{TimeUnit, orders};
use crate::json::{Decimal, MIN_DECIMALS};
use crate::{Call, Error, Reply};

/// One market, some, or all; `FULL` or `MINI`.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "type"];

/// Percentages are shown with three decimals.
const PERCENT_DECIMALS: u8 = 3;

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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MiniTicker<'a> {
    symbol: &'a str,
    open_price: Decimal,
    high_price: Decimal,
    low_price: Decimal,
    last_price: Decimal,
    volume: Decimal,
    quote_volume: Decimal,
    open_time: u64,
    close_time: u64,
    first_id: i64,
    last_id: i64,
    count: u64,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "all of a list have the same variant")]
enum Shape<'a> {
    Full(FullTicker<'a>),
    Mini(MiniTicker<'a>),
}

/// Answers with an object for `symbol`, else with a list.
///
/// # Errors
/// [`Error::InvalidTickerType`] and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = call.params.markets(&call.app)?;
    let full = match call.params.get("type") {
        None | Some("FULL") => true,
        Some("MINI") => false,
        Some(_) => return Err(Error::InvalidTickerType),
    };
    call.app.caught_up().await?;
    let (now, units) = (call.app.now(), call.units);
    let body = markets.answer(|view| {
        if full { Shape::Full(full_ticker(view, now, units)) } else { Shape::Mini(mini_ticker(view, now, units)) }
    })?;
    Ok(Reply::json(body))
}

fn full_ticker(view: &MarketView, now: Timestamp, units: TimeUnit) -> FullTicker<'_> {
    let ticker = view.ticker(now);
    let book = view.book_ticker();
    let (bid, ask) = (level(view, book.bid), level(view, book.ask));
    let average = view.weighted_average(ticker.quote_volume, ticker.volume, MIN_DECIMALS);
    FullTicker {
        symbol: view.symbol(),
        price_change: Decimal::new(ticker.change(), view.market.price_decimals),
        price_change_percent: Decimal::at_least(ticker.change_percent(), PERCENT_DECIMALS, PERCENT_DECIMALS),
        weighted_avg_price: Decimal::wide(average.0, MIN_DECIMALS),
        prev_close_price: orders::price(view, ticker.previous_close),
        last_price: orders::price(view, ticker.last),
        last_qty: orders::quantity(view, ticker.last_quantity),
        bid_price: bid[0],
        bid_qty: bid[1],
        ask_price: ask[0],
        ask_qty: ask[1],
        open_price: orders::price(view, ticker.open),
        high_price: orders::price(view, ticker.high),
        low_price: orders::price(view, ticker.low),
        volume: Decimal::wide(ticker.volume.0, view.market.quantity_decimals),
        quote_volume: Decimal::wide(ticker.quote_volume.0, view.quote.scale),
        open_time: units.show(ticker.open_time),
        close_time: units.show(ticker.close_time),
        first_id: id_or_none(ticker.first_id),
        last_id: id_or_none(ticker.last_id),
        count: ticker.count,
    }
}

fn mini_ticker(view: &MarketView, now: Timestamp, units: TimeUnit) -> MiniTicker<'_> {
    let ticker = view.ticker(now);
    MiniTicker {
        symbol: view.symbol(),
        open_price: orders::price(view, ticker.open),
        high_price: orders::price(view, ticker.high),
        low_price: orders::price(view, ticker.low),
        last_price: orders::price(view, ticker.last),
        volume: Decimal::wide(ticker.volume.0, view.market.quantity_decimals),
        quote_volume: Decimal::wide(ticker.quote_volume.0, view.quote.scale),
        open_time: units.show(ticker.open_time),
        close_time: units.show(ticker.close_time),
        first_id: id_or_none(ticker.first_id),
        last_id: id_or_none(ticker.last_id),
        count: ticker.count,
    }
}

/// Price and quantity of a level; zeros when the side is empty.
pub(super) fn level(view: &MarketView, level: Option<Level>) -> [Decimal; 2] {
    match level {
        Some(level) => [orders::price(view, level.price), orders::quantity(view, level.quantity)],
        None => [Decimal::new(0, MIN_DECIMALS); 2],
    }
}

/// A trade's id; -1 when there was none, as Binance writes it.
fn id_or_none(id: Option<TradeId>) -> i64 {
    id.and_then(|id| i64::try_from(id.0).ok()).unwrap_or(-1)
}
