#![doc = include_str!("../README.md")]

mod book;
mod candle;
mod diff;
mod error;
mod frame;
mod interval;
mod market_data;
mod status;
mod step;
mod tape;
mod ticker;
mod total;
mod trade;
mod view;

pub use book::{BookTicker, Depth, Level};
pub use candle::{Candle, fold_candles};
pub use diff::{BookDiff, DiffCursor, Lost};
pub use error::Error;
pub use frame::{Frame, UtcOffset};
pub use interval::Interval;
pub use market_data::{Changes, MarketData};
pub use status::{Indicative, Status};
pub use tape::History;
pub use ticker::{Average, Ticker};
pub use total::Total;
pub use trade::{AggTrade, Aggregator, PublicTrade, aggregate};
pub use view::MarketView;
