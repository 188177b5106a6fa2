use model::{AccountId, Amount, AssetId, ClientOrderId, Sequence, Timestamp};

use super::Balance;
use crate::{Fill, ListView, OrderView, Prevention};

/// Something that happened to an account, as its streams tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserEvent {
    /// Something happened to one of its orders.
    Execution(ExecutionReport),
    /// Its balances changed: once for each command that changes them, after the executions of the command.
    Balances(Balances),
    /// Money came or went other than by trading.
    BalanceUpdate(BalanceUpdate),
    /// Money was set aside other than for an order, or is free again.
    LockUpdate(LockUpdate),
    /// One of its order lists was placed, right after its orders, or is done, right after the last of them; or one of its
    /// orders has another name.
    List(ListReport),
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionKind {
    /// It was taken in, or meets the book after it has waited.
    New,
    /// Its owner cancelled it.
    Canceled,
    /// It was modified or amended in place.
    Replaced,
    /// It traded.
    Trade,
    /// It ended by its own rules, by those of its list, or by the exchange.
    Expired,
    /// Self-trade prevention ended it, or took a part of it off.
    TradePrevention,
}

impl ExecutionKind {
    /// The name in the Binance API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Canceled => "CANCELED",
            Self::Replaced => "REPLACED",
            Self::Trade => "TRADE",
            Self::Expired => "EXPIRED",
            Self::TradePrevention => "TRADE_PREVENTION",
        }
    }
}

/// One thing that happened to one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionReport {
    /// The order after it.
    pub order: OrderView,
    /// What happened.
    pub kind: ExecutionKind,
    /// The order's part of the trade, when it traded.
    pub fill: Option<Fill>,
    /// The match that was prevented, when self-trade prevention did it.
    pub prevention: Option<Prevention>,
    /// The master account of the owner, which is the owner itself unless it is a sub-account.
    pub trade_group: AccountId,
    /// Name of the request that cancelled it; empty when there was none.
    pub request_id: ClientOrderId,
    /// What an order that was amended was called before; empty otherwise.
    pub previous_id: ClientOrderId,
    /// See [`execution_id`].
    pub execution_id: u64,
    /// Time of the command.
    pub time: Timestamp,
    /// The command.
    pub sequence: Sequence,
}

/// The id of a report: rising with the journal, its own for each report of an order, below 2^53 for the first 2^41 commands.
/// `index` is that of the event in its step; `is_maker` tells the second of the two orders that an event may be about. A step of
/// more than 2,047 events shares the last number.
pub const fn execution_id(sequence: Sequence, index: usize, is_maker: bool) -> u64 {
    let within = index as u64 * 2 + is_maker as u64;
    (sequence.0 << 12) | if within < 4_095 { within } else { 4_095 }
}

/// The balances of an account that a command changed, as they are after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    /// Whose.
    pub account: AccountId,
    /// Those that changed, by asset id.
    pub changed: Vec<Balance>,
    /// Time of the command.
    pub time: Timestamp,
    /// The command.
    pub sequence: Sequence,
}

/// A deposit, withdrawal or other transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceUpdate {
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub asset: AssetId,
    /// How much came; negative when it went.
    pub delta: Amount,
    /// Time of the command.
    pub time: Timestamp,
    /// The command.
    pub sequence: Sequence,
}

/// A hold of another part of the exchange, a withdrawal's for one, or its end unpaid. What is paid out of a hold is a
/// [`BalanceUpdate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockUpdate {
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub asset: AssetId,
    /// How much more is held; negative when it is free again.
    pub delta: Amount,
    /// Time of the command.
    pub time: Timestamp,
    /// The command.
    pub sequence: Sequence,
}

/// What happened to an order list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListChange {
    /// It was placed.
    Placed,
    /// One of its orders has another client id.
    Renamed,
    /// None of its orders is open any more.
    Done,
}

/// One thing that happened to an order list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// The list after it.
    pub list: ListView,
    /// What happened.
    pub change: ListChange,
    /// Time of the command.
    pub time: Timestamp,
    /// The command.
    pub sequence: Sequence,
}

impl UserEvent {
    /// Whose event it is.
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Execution(report) => report.order.account,
            Self::Balances(balances) => balances.account,
            Self::BalanceUpdate(update) => update.account,
            Self::LockUpdate(update) => update.account,
            Self::List(list) => list.list.account,
        }
    }

    /// Time of the command that it came from.
    pub const fn time(&self) -> Timestamp {
        match self {
            Self::Execution(report) => report.time,
            Self::Balances(balances) => balances.time,
            Self::BalanceUpdate(update) => update.time,
            Self::LockUpdate(update) => update.time,
            Self::List(list) => list.time,
        }
    }

    /// The command that it came from.
    pub const fn sequence(&self) -> Sequence {
        match self {
            Self::Execution(report) => report.sequence,
            Self::Balances(balances) => balances.sequence,
            Self::BalanceUpdate(update) => update.sequence,
            Self::LockUpdate(update) => update.sequence,
            Self::List(list) => list.sequence,
        }
    }
}
