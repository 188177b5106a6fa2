//! `GET /api/v3/klines`: candles of any time since the first trade.

use marketdata::{Candle, Interval, MarketView};
use serde::Serialize;

use super::candles::Wanted;
use crate::binance::{TimeUnit, orders};
use crate::json::{self, Decimal};
use crate::{Call, Error, Reply};

/// Market, interval, span of time, number of candles. Of time zones there is UTC only.
pub const PARAMETERS: &[&str] = &["symbol", "interval", "startTime", "endTime", "timeZone", "limit"];

/// Open time, open, high, low, close, volume, close time, quote volume, trades, taker buy volume, taker buy quote volume, and
/// what Binance itself calls unused.
#[derive(Debug, Serialize)]
struct Shape(u64, Decimal, Decimal, Decimal, Decimal, Decimal, u64, Decimal, u64, Decimal, Decimal, &'static str);

/// Answers with candles, oldest first: 500 by default, at most 1000.
///
/// # Errors
/// [`Error::InvalidInterval`] and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let interval = Interval::parse(call.params.required("interval")?).ok_or(Error::InvalidInterval)?;
    let limit = call.params.limit(500, 1_000)?;
    let (start, end) = call.params.times()?;
    if !matches!(call.params.get("timeZone"), None | Some("0" | "0:00" | "00:00")) {
        return Err(Error::InvalidData("timeZone"));
    }
    call.app.caught_up().await?;
    let wanted = Wanted { interval, start, end, limit };
    let (candles, lag) = wanted.find(&call.app, &view).await?;
    let shapes: Vec<Shape> = candles.iter().map(|candle| shape(&view, interval, candle, call.units)).collect();
    json::to_string(&shapes).map(|body| Reply::json(body).behind(lag))
}

fn shape(view: &MarketView, interval: Interval, candle: &Candle, units: TimeUnit) -> Shape {
    let (volume_decimals, quote_decimals) = (view.market.quantity_decimals, view.quote.scale);
    Shape(
        units.show(candle.open_time),
        orders::price(view, candle.open),
        orders::price(view, candle.high),
        orders::price(view, candle.low),
        orders::price(view, candle.close),
        Decimal::wide(candle.volume.0, volume_decimals),
        units.show_last_before(interval.next(candle.open_time)),
        Decimal::wide(candle.quote_volume.0, quote_decimals),
        candle.trades,
        Decimal::wide(candle.taker_buy_volume.0, volume_decimals),
        Decimal::wide(candle.taker_buy_quote.0, quote_decimals),
        "0",
    )
}
