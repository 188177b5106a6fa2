//! Market data: books, trades, candles, tickers.

pub mod get_agg_trades;
pub mod get_avg_price;
pub mod get_depth;
pub mod get_execution_rules;
pub mod get_historical_block_trades;
pub mod get_historical_trades;
pub mod get_klines;
pub mod get_reference_price;
pub mod get_reference_price_calculation;
pub mod get_ticker_24hr;
pub mod get_ticker_book;
pub mod get_ticker_price;
pub mod get_trades;
mod statistics;

use super::Params;

/// Weight of the last or the best prices: one market's is half of that of several.
fn price_weight(params: &Params) -> u32 {
    if params.get("symbol").is_some() { 2 } else { 4 }
}
