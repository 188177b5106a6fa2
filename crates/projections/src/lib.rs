#![doc = include_str!("../README.md")]

mod change;
mod error;
mod fingerprint;
mod history;
mod list;
mod live;
mod order;
mod placed;
mod position;
mod posting;
mod projector;
mod schedule;
mod store;

pub use error::{Error, FollowError};
pub use fingerprint::{Fingerprint, TableFingerprint, fingerprint};
pub use history::{
    AccountTrade, Amendment, History, LedgerEntry, LedgerQuery, ListsQuery, OrdersQuery, PreventedMatch, PublicQuery,
    TradesQuery,
};
pub use list::ListView;
pub use live::{
    Balance, BalanceUpdate, Balances, End, ExecutionKind, ExecutionReport, ListChange, ListReport, Live, LockUpdate,
    Subscription, TooManySubscriptions, UserEvent, execution_id,
};
pub use order::{Fill, OrderStatus, OrderView, Prevention};
pub use placed::{Placed, placed, placed_orders};
pub use position::Position;
pub use posting::LedgerKind;
pub use projector::{Progress, Projector};
pub use store::migrations;
