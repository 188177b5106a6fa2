//! What CoinMarketCap asks of spot exchanges: summary, assets, tickers, books and trades.

pub mod get_assets;
pub mod get_orderbook;
pub mod get_summary;
pub mod get_ticker;
pub mod get_trades;
