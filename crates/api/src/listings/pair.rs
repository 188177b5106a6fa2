//! How listing sites name markets and amounts: `BTC_USDT`, base first.

use std::sync::Arc;

use marketdata::{BookTicker, Level, MarketView, Ticker};
use model::Price;

use crate::binance::orders;
use crate::json::Decimal;
use crate::{App, Error};

/// The market's name on these sites.
pub(super) fn name(view: &MarketView) -> String {
    format!("{}_{}", view.base.symbol, view.quote.symbol)
}

/// The market of a name such as `BTC_USDT`.
///
/// # Errors
/// [`Error::InvalidSymbol`].
pub(super) fn find(app: &App, name: &str) -> Result<Arc<MarketView>, Error> {
    let (base, quote) = name.split_once('_').ok_or(Error::InvalidSymbol)?;
    let is_it = |view: &Arc<MarketView>| view.base.symbol.as_str() == base && view.quote.symbol.as_str() == quote;
    app.market_data.markets().into_iter().find(is_it).ok_or(Error::InvalidSymbol)
}

/// The last 24 hours of a market, and its best prices; prices are zero where there is none.
pub(super) struct Day {
    pub(super) last: Decimal,
    pub(super) base_volume: Decimal,
    pub(super) quote_volume: Decimal,
    pub(super) bid: Decimal,
    pub(super) ask: Decimal,
    pub(super) high: Decimal,
    pub(super) low: Decimal,
    /// In thousandths of a percent.
    pub(super) change: i64,
}

impl Day {
    pub(super) fn of(app: &App, view: &MarketView) -> Self {
        let ticker: Ticker = view.ticker(app.now());
        let BookTicker { bid, ask, .. } = view.book_ticker();
        let price = |level: Option<Level>| orders::price(view, level.map_or(Price::ZERO, |level| level.price));
        Self {
            last: orders::price(view, ticker.last),
            base_volume: Decimal::wide(ticker.volume.0, view.market.quantity_decimals),
            quote_volume: Decimal::wide(ticker.quote_volume.0, view.quote.scale),
            bid: price(bid),
            ask: price(ask),
            high: orders::price(view, ticker.high),
            low: orders::price(view, ticker.low),
            change: ticker.change_percent(),
        }
    }
}
