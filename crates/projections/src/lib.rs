#![doc = include_str!("../README.md")]

mod change;
mod error;
mod fingerprint;
mod history;
mod live;
mod order;
mod placed;
mod posting;
mod projector;
mod store;

pub use error::{Error, FollowError};
pub use fingerprint::{Fingerprint, TableFingerprint, fingerprint};
pub use history::{AccountTrade, History, LedgerEntry, LedgerQuery, OrdersQuery, PublicQuery, TradesQuery};
pub use live::{
    Balance, BalanceUpdate, Balances, End, ExecutionKind, ExecutionReport, Live, Subscription, TooManySubscriptions,
    UserEvent,
};
pub use order::{Fill, OrderStatus, OrderView};
pub use placed::{Placed, placed};
pub use posting::LedgerKind;
pub use projector::{Progress, Projector};
pub use store::migrations;
