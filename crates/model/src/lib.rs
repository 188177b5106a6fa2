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

pub use command::{
    Amend, CancelReplace, Command, Envelope, ListTarget, Place, PlaceList, ReplaceMode, Stamped, Target,
};
pub use event::{Accepted, Amended, Batch, CloseReason, Closed, Event, Prevented, Receipt, StateCause, Step, Trade};
pub use hash::{Mixer, spread};
pub use ids::{
    AccountId, AssetId, HoldId, ListId, MarketId, OrderId, PreventedId, Sequence, SourceId, SourceSeq, TierId,
    Timestamp, TradeId, system,
};
pub use image::{AccountImage, BalanceImage, CountdownImage, FeesImage, Image, ListImage, MarketImage, OpenOrder};
pub use market::{Asset, Fees, Filters, Market, MarketError, MarketState, PercentPrice, Range, Symbol, Volatility};
pub use money::{Amount, Price, Quantity};
pub use order::{ClientOrderId, ClientOrderIdError, ListKind, OrderType, SelfTrade, Side, TimeInForce, Trigger, Wait};
pub use reject::Reject;
