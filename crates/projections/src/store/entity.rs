//! SeaORM's view of the tables, for reading. Writing goes through `Inserts`.

pub(crate) mod amendment;
pub(crate) mod asset;
pub(crate) mod balance;
pub(crate) mod candle;
pub(crate) mod checkpoint;
pub(crate) mod ledger_entry;
pub(crate) mod market;
pub(crate) mod order;
pub(crate) mod order_list;
pub(crate) mod position;
pub(crate) mod prevented;
pub(crate) mod trade;
