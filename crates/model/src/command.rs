//! Commands: everything that can change the engine's state.

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, HoldId, Market, MarketId, OrderId, OrderType, Price, Quantity,
    SelfTrade, Sequence, Side, SourceId, SourceSeq, TimeInForce, Timestamp,
};

/// A new order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who pays and receives.
    pub account: AccountId,
    /// Where.
    pub market: MarketId,
    /// Buy or sell.
    pub side: Side,
    /// Kind of order.
    pub order_type: OrderType,
    /// How long it lives. A market order is IOC; a LIMIT_MAKER is GTC.
    pub time_in_force: TimeInForce,
    /// What happens when it meets an order of its own account.
    pub self_trade: SelfTrade,
    /// Limit; zero for a market order.
    pub price: Price,
    /// How much base; zero for a market order by quote amount.
    pub quantity: Quantity,
    /// `quoteOrderQty` of a market order: how much quote to spend or to receive at most; otherwise zero.
    pub quote_quantity: Amount,
    /// The client's own id; unique among the account's open orders.
    pub client_id: ClientOrderId,
}

/// An open order, named by one of its ids or by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// By the engine's id.
    Order(OrderId),
    /// By the client's id.
    Client(ClientOrderId),
    /// By both: they must name the same order.
    Both(OrderId, ClientOrderId),
}

/// Whether a failed cancel keeps the new order of a cancel-replace from being placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ReplaceMode {
    /// A failed cancel ends the command.
    StopOnFailure = 0,
    /// The new order is tried in any case.
    AllowFailure = 1,
}

/// Cancels one order and places another, in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelReplace {
    /// What happens when the cancel fails.
    pub mode: ReplaceMode,
    /// The order to cancel; of the account and market of `place`.
    pub target: Target,
    /// Name of the cancel request itself, shown in its report.
    pub cancel_id: ClientOrderId,
    /// The new order.
    pub place: Place,
}

/// Something that may change the state. Applied in journal order; each gives at least one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Makes an asset known.
    AddAsset(Asset),
    /// Opens a market between two known assets.
    AddMarket(Market),
    /// Makes a user account known.
    OpenAccount {
        /// Its id, chosen by the caller, from [`crate::system::FIRST_USER`] on.
        account: AccountId,
    },
    /// Moves an available amount at once. Needs a source.
    Transfer {
        /// Pays.
        from: AccountId,
        /// Receives.
        to: AccountId,
        /// Of what.
        asset: AssetId,
        /// How much, above zero.
        amount: Amount,
    },
    /// First phase of a two-phase transfer: available becomes held. Needs a source.
    Hold {
        /// Whose money.
        account: AccountId,
        /// Of what.
        asset: AssetId,
        /// How much, above zero.
        amount: Amount,
    },
    /// Second phase: moves a part or all of a hold to an account. Needs a source.
    Capture {
        /// The hold.
        hold: HoldId,
        /// Receives.
        to: AccountId,
        /// How much, above zero and at most what is left of the hold.
        amount: Amount,
    },
    /// Second phase: what is left of a hold becomes available again. Needs a source.
    Release {
        /// The hold.
        hold: HoldId,
    },
    /// Places an order.
    Place(Place),
    /// Cancels an open order.
    Cancel {
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Which.
        target: Target,
        /// Name of the cancel request itself, shown in its report.
        client_id: ClientOrderId,
    },
    /// Cancels all open orders of an account in one market, or in all.
    CancelAll {
        /// Their owner.
        account: AccountId,
        /// The market, or all.
        market: Option<MarketId>,
    },
    /// Cancels an order and inserts it anew with another price and open quantity under the same id. It loses its time
    /// priority and may trade. When the new order would be refused, the old one stays as it was.
    Modify {
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Which.
        order: OrderId,
        /// New limit.
        price: Price,
        /// New open quantity: what shall be open from now on, without what has traded before.
        quantity: Quantity,
    },
    /// Cancels one order and places another.
    CancelReplace(CancelReplace),
}

/// A command on its way to the sequencer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Who sent it; [`SourceId::NONE`] when nothing needs to be remembered.
    pub source: SourceId,
    /// Position in the source's dense order, from 1; zero without a source.
    pub source_seq: SourceSeq,
    /// What to do.
    pub command: Command,
}

impl Envelope {
    /// A command without a source: client order entry.
    pub const fn client(command: Command) -> Self {
        Self { source: SourceId::NONE, source_seq: SourceSeq(0), command }
    }
}

/// A command with its place in the journal: the engine's whole input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamped {
    /// Position in the journal.
    pub sequence: Sequence,
    /// When the sequencer took it; never falls along the journal.
    pub time: Timestamp,
    /// What was sent.
    pub envelope: Envelope,
}
