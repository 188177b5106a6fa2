//! Market data: books, trades, candles, tickers.

mod candles;
pub mod get_agg_trades;
pub mod get_avg_price;
pub mod get_depth;
pub mod get_execution_rules;
pub mod get_historical_block_trades;
pub mod get_historical_trades;
pub mod get_klines;
pub mod get_reference_price;
pub mod get_reference_price_calculation;
pub mod get_ticker;
pub mod get_ticker_24hr;
pub mod get_ticker_book;
pub mod get_ticker_price;
pub mod get_ticker_trading_day;
pub mod get_trades;
pub mod get_ui_klines;
mod statistics;

use super::Params;
use super::selection::Selection;
use crate::{App, Error};

/// Weight of the last or the best prices: one market's is half of that of several.
fn price_weight(params: &Params) -> u32 {
    if params.get("symbol").is_some() { 2 } else { 4 }
}

/// Most markets whose statistics one request may ask for.
const MOST_MARKETS: usize = 100;

/// Weight of statistics of a window: four for each market, two hundred at most.
fn window_weight(params: &Params) -> u32 {
    let named = params.symbols_named().unwrap_or(1);
    u32::try_from(named).map_or(200, |named| named.saturating_mul(4).min(200))
}

/// The markets of a request that must name some.
fn some_markets(params: &Params, app: &App) -> Result<Selection, Error> {
    if params.get("symbol").is_none() && params.get("symbols").is_none() {
        return Err(Error::MandatoryOneOf("symbol", "symbols"));
    }
    if params.symbols_named().is_some_and(|named| named > MOST_MARKETS) {
        return Err(Error::InvalidData("symbols"));
    }
    params.markets(app)
}
