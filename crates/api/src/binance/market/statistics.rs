//! What tickers of any window share.

use marketdata::{Level, MarketView, Ticker};
use model::TradeId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::Error;
use crate::binance::{Params, TimeUnit, orders};
use crate::json::{Decimal, MIN_DECIMALS};

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
#[derive(Debug, Serialize, JsonSchema)]
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
