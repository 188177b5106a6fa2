//! `GET /api/v3/klines`: candles, from memory, and from SQL for minutes that are older than what memory keeps.

use marketdata::{Candle, Frame, Interval, MarketView, UtcOffset};
use model::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::binance::{Params, TimeUnit, orders};
use crate::json::{self, Decimal};
use crate::openapi::Docs;
use crate::{App, Call, Cost, Error, Reply};

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
    let candles = wanted.find(&call.app, &view).await?;
    let shapes: Vec<Shape> = candles.iter().map(|candle| shape(&view, frame, candle, call.units)).collect();
    json::to_string(&shapes).map(Reply::json)
}

/// The time zone of a request: that of UTC by default.
///
/// # Errors
/// [`Error::InvalidData`].
pub(super) fn offset(params: &Params) -> Result<UtcOffset, Error> {
    let Some(text) = params.get("timeZone") else { return Ok(UtcOffset::UTC) };
    UtcOffset::parse(text).ok_or(Error::InvalidData("timeZone"))
}

/// Which candles are asked for: with a start the first ones from there, without it the newest; none that opens after the end.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    frame: Frame,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    limit: usize,
}

impl Wanted {
    async fn find(self, app: &App, view: &MarketView) -> Result<Vec<Candle>, Error> {
        let (frame, now) = (self.frame, app.now());
        let in_memory = view.candles(frame, self.start, self.end, self.limit, now);
        let Some(boundary) = self.boundary(view, now) else { return Ok(in_memory) };
        let is_answered = match self.start {
            Some(start) => start > boundary,
            None => in_memory.len() == self.limit,
        };
        if is_answered {
            return Ok(in_memory);
        }
        let (market, limit) = (view.market.id, u32::try_from(self.limit).unwrap_or(1_000));
        let until = self.end.map_or(boundary, |end| end.min(boundary));
        let mut candles =
            app.history.candles(market, frame, self.start, Some(until), limit).await.map_err(Error::store)?;
        let from = self.start.map(|_| frame.next(boundary));
        let newer = view.candles(frame, from, self.end, self.limit, now);
        candles.extend(newer.into_iter().filter(|candle| candle.open_time > boundary));
        Ok(if self.start.is_some() { first_without_gaps(&candles, self) } else { last_without_gaps(&candles, self) })
    }

    /// The oldest candle in memory, which may have lost its first minutes; `None` when memory holds the first trade of all, or the
    /// candles are not joined from minutes (hours are kept for years, seconds are not stored).
    fn boundary(self, view: &MarketView, now: Timestamp) -> Option<Timestamp> {
        if self.frame.base() != Interval::M1 {
            return None;
        }
        let oldest = view.candles(self.frame, Some(Timestamp(0)), None, 1, now).pop()?;
        (oldest.first_trade.0 > 1).then_some(oldest.open_time)
    }
}

/// The first `limit` candles, with an empty one for each interval without a trade between two others.
fn first_without_gaps(sparse: &[Candle], wanted: Wanted) -> Vec<Candle> {
    let mut whole: Vec<Candle> = Vec::with_capacity(wanted.limit);
    for candle in sparse {
        while let Some(last) = whole.last() {
            let open = wanted.frame.next(last.open_time);
            if open >= candle.open_time || whole.len() >= wanted.limit {
                break;
            }
            whole.push(Candle::empty(open, last.close));
        }
        if whole.len() >= wanted.limit {
            break;
        }
        whole.push(*candle);
    }
    whole
}

/// The last `limit` candles, with an empty one for each interval without a trade between two others.
fn last_without_gaps(sparse: &[Candle], wanted: Wanted) -> Vec<Candle> {
    let mut whole: Vec<Candle> = Vec::with_capacity(wanted.limit);
    for candle in sparse.iter().rev() {
        while let Some(later) = whole.last() {
            let open = wanted.frame.back(later.open_time, 1);
            if open <= candle.open_time || whole.len() >= wanted.limit {
                break;
            }
            whole.push(Candle::empty(open, candle.close));
        }
        if whole.len() >= wanted.limit {
            break;
        }
        whole.push(*candle);
    }
    whole.reverse();
    whole
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

#[cfg(test)]
mod tests {
    use super::{Wanted, first_without_gaps, last_without_gaps};
    use marketdata::{Candle, Interval};
    use model::{Price, Timestamp};

    const MINUTE_US: u64 = 60_000_000;

    #[test]
    fn gaps_are_filled_with_the_close_before_them_up_to_the_limit() {
        let candle = |minute: u64, close: i64| Candle::empty(Timestamp(minute * MINUTE_US), Price(close));
        let sparse = [candle(1, 10), candle(4, 20), candle(5, 30)];
        let shown = |candles: Vec<Candle>| -> Vec<(u64, i64)> {
            candles.iter().map(|candle| (candle.open_time.0 / MINUTE_US, candle.close.0)).collect()
        };
        let whole = [(1, 10), (2, 10), (3, 10), (4, 20), (5, 30)];
        for limit in 1..=6 {
            let wanted = Wanted { frame: Interval::M1.into(), start: None, end: None, limit };
            let most = limit.min(whole.len());
            assert_eq!(shown(first_without_gaps(&sparse, wanted)), whole[..most]);
            assert_eq!(shown(last_without_gaps(&sparse, wanted)), whole[whole.len() - most..]);
        }
    }
}
