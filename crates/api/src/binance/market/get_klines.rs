//! `GET /api/v3/klines`: candles of any time since the first trade.

use marketdata::{Candle, Frame, Interval, MarketView, UtcOffset};
use schemars::JsonSchema;
use serde::Serialize;

use super::candles::Wanted;
use crate::binance::{Params, TimeUnit, orders};
use crate::json::{self, Decimal};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// Market, interval, span of time, time zone, number of candles.
pub const PARAMETERS: &[&str] = &["symbol", "interval", "startTime", "endTime", "timeZone", "limit"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Vec<Shape>>("Candles of a market", &["symbol", "interval"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

/// Open time, open, high, low, close, volume, close time, quote volume, trades, taker buy volume, taker buy quote volume, and
/// what Binance itself calls unused.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Candle")]
pub(super) struct Shape(
    u64,
    Decimal,
    Decimal,
    Decimal,
    Decimal,
    Decimal,
    u64,
    Decimal,
    u64,
    Decimal,
    Decimal,
    &'static str,
);

/// Answers with candles, oldest first: 500 by default, at most 1000. Days begin by the clock of `timeZone`, from -12:00 to +14:00;
/// times are in UTC all the same.
///
/// # Errors
/// [`Error::InvalidInterval`] and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let interval = Interval::parse(call.params.required("interval")?).ok_or(Error::InvalidInterval)?;
    let frame = interval.at(offset(&call.params)?);
    let limit = call.params.limit(500, 1_000)?;
    let (start, end) = call.params.times()?;
    call.app.caught_up().await?;
    let wanted = Wanted { frame, start, end, limit };
    let (candles, lag) = wanted.find(&call.app, &view).await?;
    let shapes: Vec<Shape> = candles.iter().map(|candle| shape(&view, frame, candle, call.units)).collect();
    json::to_string(&shapes).map(|body| Reply::json(body).behind(lag))
}

/// The time zone of a request: that of UTC by default.
///
/// # Errors
/// [`Error::InvalidData`].
pub(super) fn offset(params: &Params) -> Result<UtcOffset, Error> {
    let Some(text) = params.get("timeZone") else { return Ok(UtcOffset::UTC) };
    UtcOffset::parse(text).ok_or(Error::InvalidData("timeZone"))
}

fn shape(view: &MarketView, frame: Frame, candle: &Candle, units: TimeUnit) -> Shape {
    let (volume_decimals, quote_decimals) = (view.market.quantity_decimals, view.quote.scale);
    Shape(
        units.show(candle.open_time),
        orders::price(view, candle.open),
        orders::price(view, candle.high),
        orders::price(view, candle.low),
        orders::price(view, candle.close),
        Decimal::wide(candle.volume.0, volume_decimals),
        units.show_last_before(frame.next(candle.open_time)),
        Decimal::wide(candle.quote_volume.0, quote_decimals),
        candle.trades,
        Decimal::wide(candle.taker_buy_volume.0, volume_decimals),
        Decimal::wide(candle.taker_buy_quote.0, quote_decimals),
        "0",
    )
}
