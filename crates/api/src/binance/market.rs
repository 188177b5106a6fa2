//! Market data: books, trades, candles, tickers.

mod candles;
pub mod get_agg_trades;
pub mod get_avg_price;
pub mod get_depth;
pub mod get_historical_trades;
pub mod get_klines;
pub mod get_ticker_24hr;
pub mod get_ticker_book;
pub mod get_ticker_price;
pub mod get_trades;
