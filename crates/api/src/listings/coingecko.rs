//! What CoinGecko asks of exchanges: pairs, tickers, books and trades.

pub mod get_historical_trades;
pub mod get_orderbook;
pub mod get_pairs;
pub mod get_tickers;
