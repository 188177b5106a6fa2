//! Reads of what happened: orders and their lists, trades, positions, candles and ledger entries.

mod candles;
mod ledger;
mod order_events;
mod orders;
#[cfg(test)]
mod plans;
pub(crate) mod positions;
mod trades;

use db::Db;
use model::{AccountId, ListId, MarketId, OrderId, Side, Timestamp, TradeId};

pub use ledger::{LedgerEntry, LedgerQuery};
pub use order_events::{Amendment, ListsQuery, PreventedMatch};
pub use orders::OrdersQuery;
pub use trades::{PublicQuery, TradesQuery};

use crate::Fill;

/// Most rows of one answer.
const MOST: u32 = 1_000;

/// The projections as questions and answers. An answer is as of the projector's checkpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub struct History {
    db: Db,
}

impl History {
    /// Reads from this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

/// An account's part in a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountTrade {
    /// Its order's part.
    pub fill: Fill,
    /// Where.
    pub market: MarketId,
    /// Its order.
    pub order: OrderId,
    /// The list of its order; zero: none.
    pub list: ListId,
    /// Its owner.
    pub account: AccountId,
    /// Whether the account bought or sold.
    pub side: Side,
    /// When.
    pub time: Timestamp,
}

/// Which rows are wanted, told by key.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Smallest key.
    from: Option<i64>,
    /// Greatest key.
    until: Option<i64>,
    /// Whether the first rows are wanted, or else the last; ascending in any case.
    first: bool,
    limit: u64,
}

impl Window {
    /// The rule of all lists: from a key or a start on, the first rows; otherwise the last ones.
    fn new(from: Option<u64>, start: Option<Timestamp>, limit: u32) -> Self {
        Self {
            from: from.map(u64::cast_signed),
            until: None,
            first: from.is_some() || start.is_some(),
            limit: limit.clamp(1, MOST).into(),
        }
    }

    /// Narrows the window to keys from `from` on and below `before`; `None` does not narrow.
    fn narrow(&mut self, from: Option<i64>, before: Option<i64>) {
        self.from = self.from.max(from);
        self.until = match (self.until, before.map(|before| before - 1)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    const fn order(&self) -> sea_orm::Order {
        if self.first { sea_orm::Order::Asc } else { sea_orm::Order::Desc }
    }

    /// Rows as they were read, ascending.
    fn ascending<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        if !self.first {
            rows.reverse();
        }
        rows
    }
}

/// What a time says about keys.
#[derive(Debug, Clone, Copy)]
enum FromTime {
    /// No time was given.
    Any,
    /// The first key of that time or later.
    Key(i64),
    /// Nothing is that late.
    Beyond,
}

/// The last trade before the image that market data has loaded.
pub(crate) type Boundary = TradeId;
