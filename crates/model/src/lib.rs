#![doc = include_str!("../README.md")]

pub mod codec;
mod command;
pub mod decimal;
mod event;
mod hash;
mod ids;
mod image;
mod market;
mod money;
mod order;
mod reject;

pub use command::{CancelReplace, Command, Envelope, Place, ReplaceMode, Stamped, Target};
pub use event::{Accepted, Batch, CloseReason, Closed, Event, Receipt, Step, Trade};
pub use hash::{Mixer, spread};
pub use ids::{
    AccountId, AssetId, HoldId, MarketId, OrderId, Sequence, SourceId, SourceSeq, Timestamp, TradeId, system,
};
pub use image::{BalanceImage, Image, MarketImage, OpenOrder};
pub use market::{Asset, Fees, Filters, Market, MarketError, Range, Symbol};
pub use money::{Amount, Price, Quantity};
pub use order::{ClientOrderId, ClientOrderIdError, OrderType, SelfTrade, Side, TimeInForce};
pub use reject::Reject;
