//! The tables, and how rows get into them.

pub(crate) mod entity;
mod event_rows;
mod insert;
mod migration;
mod rows;
mod table;

pub(crate) use event_rows::{
    account_row, amendment_of, amendment_row, fees_row, list_of, list_row, position_of, position_row, prevented_of,
    prevented_row,
};
pub(crate) use insert::Inserts;
pub use migration::migrations;
pub(crate) use rows::{
    LedgerRow, asset_of, asset_row, balance_row, candle_of, candle_row, ledger_row, market_of, market_row, order_of,
    order_row, trade_row, unsigned,
};
pub(crate) use table::{
    ACCOUNTS, ALL, AMENDMENTS, ASSETS, BALANCES, CANDLES, CHECKPOINT, FEES, LEDGER_ENTRIES, MARKETS, NEW_ORDERS,
    ORDER_LISTS, ORDERS, POSITIONS, PREVENTED, TRADES, Table,
};
