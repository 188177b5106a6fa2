//! `GET /listings/coingecko/historical_trades`: trades of a market, bought and sold apart.

use marketdata::{MarketView, PublicTrade};
use model::{Side, Timestamp};
use projections::PublicQuery;
use schemars::JsonSchema;
use serde::Serialize;

use crate::binance::{Params, orders};
use crate::json::{self, Decimal};
use crate::listings::pair;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// Market, `buy` or `sell` for one of them only, number of trades, span of time.
pub const PARAMETERS: &[&str] = &["ticker_id", "type", "limit", "start_time", "end_time"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Trades>("Trades of a market, as CoinGecko asks for them", &["ticker_id"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(5);

/// Trades when nobody says how many; the greatest number is 1,000.
const DEFAULT: usize = 500;
const MOST: usize = 1_000;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoinGeckoTrade")]
struct Shape {
    trade_id: u64,
    price: Decimal,
    base_volume: Decimal,
    target_volume: Decimal,
    trade_timestamp: u64,
    #[serde(rename = "type")]
    side: &'static str,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "CoinGeckoTrades")]
struct Trades {
    #[serde(skip_serializing_if = "Option::is_none")]
    buy: Option<Vec<Shape>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sell: Option<Vec<Shape>>,
}

/// Answers with trades, oldest first, by the side of the taker: with `start_time` the first ones from there, otherwise the
/// newest; 500 of both sides together by default, at most 1000, which `limit=0` asks for too. Of a side alone they are those of
/// it among as many of both.
///
/// # Errors
/// Those of the parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = pair::find(&call.app, call.params.required("ticker_id")?)?;
    let (buys, sells) = match call.params.get("type") {
        None => (true, true),
        Some("buy") => (true, false),
        Some("sell") => (false, true),
        Some(_) => return Err(Error::InvalidData("type")),
    };
    let limit = match call.params.integer("limit")? {
        None => DEFAULT,
        Some(0) => MOST,
        Some(limit) => usize::try_from(limit).unwrap_or(MOST).min(MOST),
    };
    let (start, end) = (time(&call.params, "start_time")?, time(&call.params, "end_time")?);
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        return Err(Error::InvalidData("end_time"));
    }
    call.app.caught_up().await?;
    let (trades, lag) = if start.is_none() && end.is_none() {
        (view.trades(limit), None)
    } else {
        let lag = call.app.history_lag().await;
        let query = PublicQuery { from: None, start, end, limit: u32::try_from(limit).unwrap_or(1_000) };
        (call.app.history.public_trades(view.market.id, &query).await.map_err(Error::store)?, lag)
    };
    let of = |side: Side| trades.iter().filter(|trade| trade.taker_side == side).map(|t| shape(&view, t)).collect();
    let shape = Trades { buy: buys.then(|| of(Side::Buy)), sell: sells.then(|| of(Side::Sell)) };
    json::to_string(&shape).map(|body| Reply::json(body).behind(lag))
}

fn shape(view: &MarketView, trade: &PublicTrade) -> Shape {
    Shape {
        trade_id: trade.id.0,
        price: orders::price(view, trade.price),
        base_volume: orders::quantity(view, trade.quantity),
        target_volume: orders::quote(view, trade.quote),
        trade_timestamp: trade.time.millis(),
        side: if trade.taker_side == Side::Buy { "buy" } else { "sell" },
    }
}

/// A time in seconds, milliseconds or microseconds; which, is seen by its size.
fn time(params: &Params, name: &'static str) -> Result<Option<Timestamp>, Error> {
    /// As milliseconds a time before 1973, as seconds one in the year 5138.
    const FIRST_MILLISECONDS: u64 = 100_000_000_000;
    match params.integer(name)? {
        Some(seconds) if seconds < FIRST_MILLISECONDS => Ok(Some(Timestamp(seconds * 1_000_000))),
        _ => params.time(name),
    }
}
