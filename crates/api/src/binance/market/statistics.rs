//! What tickers of any window share.

use marketdata::{Level, MarketView, Ticker};
use model::TradeId;
use serde::Serialize;

use crate::binance::selection::Selection;
use crate::binance::{Params, TimeUnit, orders};
use crate::json::{Decimal, MIN_DECIMALS};
use crate::{Call, Error, Reply};

/// Percentages are shown with three decimals.
const PERCENT_DECIMALS: u8 = 3;

/// How much a ticker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// With what follows from the rest: changes and averages.
    Full,
    /// Without.
    Mini,
}

impl Extent {
    /// `type`: FULL by default.
    ///
    /// # Errors
    /// [`Error::InvalidTickerType`].
    pub(super) fn read(params: &Params) -> Result<Self, Error> {
        match params.get("type") {
            None | Some("FULL") => Ok(Self::Full),
            Some("MINI") => Ok(Self::Mini),
            Some(_) => Err(Error::InvalidTickerType),
        }
    }
}

/// A ticker of any window without what follows from the rest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MiniTicker<'a> {
    pub(super) symbol: &'a str,
    pub(super) open_price: Decimal,
    pub(super) high_price: Decimal,
    pub(super) low_price: Decimal,
    pub(super) last_price: Decimal,
    pub(super) volume: Decimal,
    pub(super) quote_volume: Decimal,
    pub(super) open_time: u64,
    pub(super) close_time: u64,
    pub(super) first_id: i64,
    pub(super) last_id: i64,
    pub(super) count: u64,
}

impl<'a> MiniTicker<'a> {
    /// Shapes a window of the market.
    pub(super) fn new(view: &'a MarketView, ticker: &Ticker, units: TimeUnit) -> Self {
        Self {
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
}

/// A ticker of any window but the last 24 hours, with what follows from the rest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WindowTicker<'a> {
    symbol: &'a str,
    price_change: Decimal,
    price_change_percent: Decimal,
    weighted_avg_price: Decimal,
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

impl<'a> WindowTicker<'a> {
    fn new(view: &'a MarketView, ticker: &Ticker, units: TimeUnit) -> Self {
        let [price_change, price_change_percent] = change(view, ticker);
        let mini = MiniTicker::new(view, ticker, units);
        Self {
            symbol: mini.symbol,
            price_change,
            price_change_percent,
            weighted_avg_price: average(view, ticker),
            open_price: mini.open_price,
            high_price: mini.high_price,
            low_price: mini.low_price,
            last_price: mini.last_price,
            volume: mini.volume,
            quote_volume: mini.quote_volume,
            open_time: mini.open_time,
            close_time: mini.close_time,
            first_id: mini.first_id,
            last_id: mini.last_id,
            count: mini.count,
        }
    }
}

/// Answers with a window of each of the markets.
///
/// # Errors
/// [`Error::InvalidTickerType`], [`Error::Behind`].
pub(super) async fn answer(
    call: &Call,
    markets: &Selection,
    window: impl Fn(&MarketView) -> Ticker + Send,
) -> Result<Reply, Error> {
    let extent = Extent::read(&call.params)?;
    call.app.caught_up().await?;
    let body = match extent {
        Extent::Full => markets.answer(|view| WindowTicker::new(view, &window(view), call.units)),
        Extent::Mini => markets.answer(|view| MiniTicker::new(view, &window(view), call.units)),
    }?;
    Ok(Reply::json(body))
}

/// Change of the price in a window, and the same in percent.
pub(super) fn change(view: &MarketView, ticker: &Ticker) -> [Decimal; 2] {
    [
        Decimal::new(ticker.change(), view.market.price_decimals),
        Decimal::at_least(ticker.change_percent(), PERCENT_DECIMALS, PERCENT_DECIMALS),
    ]
}

/// Average price of a window, weighted by volume.
pub(super) fn average(view: &MarketView, ticker: &Ticker) -> Decimal {
    Decimal::wide(view.weighted_average(ticker.quote_volume, ticker.volume, MIN_DECIMALS).0, MIN_DECIMALS)
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
