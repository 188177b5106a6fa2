//! The tables, and how rows get into them.

pub(crate) mod entity;
mod insert;
mod migration;
mod rows;
mod table;

pub(crate) use insert::Inserts;
pub use migration::migrations;
pub(crate) use rows::{
    asset_of, asset_row, balance_row, candle_of, candle_row, ledger_row, market_of, market_row, order_of, order_row,
    trade_row, unsigned,
};
pub(crate) use table::{ALL, ASSETS, BALANCES, CANDLES, CHECKPOINT, LEDGER_ENTRIES, MARKETS, ORDERS, TRADES, Table};
