//! Commands: everything that can change the engine's state.

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Fees, HoldId, ListId, ListKind, Market, MarketId, MarketState,
    OrderId, OrderType, Price, Quantity, SelfTrade, Sequence, Side, SourceId, SourceSeq, TierId, TimeInForce,
    Timestamp,
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
    /// How long it lives. A market order is IOC; a LIMIT_MAKER and what waits for a trigger at the market are GTC or GTD.
    pub time_in_force: TimeInForce,
    /// What happens when it meets an order of its own account.
    pub self_trade: SelfTrade,
    /// Limit; zero for an order without one.
    pub price: Price,
    /// How much base; zero for a market order by quote amount.
    pub quantity: Quantity,
    /// `quoteOrderQty` of a market order: how much quote to spend or to receive at most; otherwise zero.
    pub quote_quantity: Amount,
    /// Trigger of a contingent order; with a trailing delta, the price from which on it follows the market. Otherwise zero.
    pub stop_price: Price,
    /// `trailingDelta` of a contingent order, in hundredths of a percent; otherwise zero.
    pub trailing_delta: u16,
    /// `icebergQty`: how much is shown at a time; zero: all.
    pub iceberg: Quantity,
    /// When a GTD order expires; otherwise [`Timestamp::NEVER`].
    pub expire_at: Timestamp,
    /// The client's own id; unique among the account's open orders.
    pub client_id: ClientOrderId,
}

impl Place {
    /// A limit of no account and size, good till cancelled: the base of orders that name what differs.
    pub const BLANK: Self = Self {
        account: AccountId(0),
        market: MarketId(0),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        self_trade: SelfTrade::None,
        price: Price(0),
        quantity: Quantity(0),
        quote_quantity: Amount(0),
        stop_price: Price(0),
        trailing_delta: 0,
        iceberg: Quantity(0),
        expire_at: Timestamp::NEVER,
        client_id: ClientOrderId::EMPTY,
    };
}

/// Orders that hang together. All are of one account and market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceList {
    /// How they hang together.
    pub kind: ListKind,
    /// The client's own id of the list; unique among the account's open lists.
    pub client_id: ClientOrderId,
    /// The orders: of an OCO its two, of an OTO working and pending, of an OTOCO working and the pending pair. An OCO and
    /// an OTO leave the third blank.
    pub orders: [Place; 3],
}

impl PlaceList {
    /// The orders that the list has.
    pub fn orders(&self) -> &[Place] {
        &self.orders[..self.kind.orders()]
    }
}

/// An open list, named by one of its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListTarget {
    /// By the engine's id.
    List(ListId),
    /// By the client's id.
    Client(ClientOrderId),
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

/// Reduces an open order's quantity; it keeps its place in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amend {
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Which.
    pub target: Target,
    /// Its new quantity in all, what was executed included.
    pub quantity: Quantity,
    /// Its new client id; empty: it keeps the one it has.
    pub client_id: ClientOrderId,
}

/// Something that may change the state. Applied in journal order; each gives at least one event.
///
/// What is large and rare stands in a box, so that orders stay small in every queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Lets time pass, and nothing else: what was due by then happens. Sent by the node when nothing else comes.
    Tick,
    /// Makes an asset known.
    AddAsset(Asset),
    /// Opens a market between two known assets.
    AddMarket(Box<Market>),
    /// Gives a market other filters, fees or volatility limits. Open orders stay as they are.
    SetMarket(Box<Market>),
    /// Gives a market another state.
    SetMarketState {
        /// The market.
        market: MarketId,
        /// Its state from now on.
        state: MarketState,
        /// When an auction ends by itself and the market trades; [`Timestamp::NEVER`] otherwise.
        until: Timestamp,
    },
    /// Makes a user account known.
    OpenAccount {
        /// Its id, chosen by the caller, from [`crate::system::FIRST_USER`] on.
        account: AccountId,
        /// The master account when it is a sub-account; zero otherwise.
        parent: AccountId,
    },
    /// Puts an account into a fee tier; orders that are open keep the fees that they were placed under.
    SetTier {
        /// The account.
        account: AccountId,
        /// Its tier from now on.
        tier: TierId,
    },
    /// Changes an entry of the fee schedule. The first that exists applies: tier and market, tier, market, any.
    SetFees {
        /// For this tier only.
        tier: Option<TierId>,
        /// For this market only.
        market: Option<MarketId>,
        /// The fees; none takes the entry away.
        fees: Option<Fees>,
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
    /// Places an order list.
    PlaceList(Box<PlaceList>),
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
    /// Cancels an open order list, that is all its open orders.
    CancelList {
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Which.
        target: ListTarget,
        /// Name of the cancel request itself, shown in its reports.
        client_id: ClientOrderId,
    },
    /// Cancels all open orders of all accounts in a market, in whatever state it is.
    CancelMarket {
        /// The market.
        market: MarketId,
    },
    /// Dead-man's switch: all open orders of an account in one market, or in all, are cancelled unless this is sent again
    /// in time.
    SetCountdown {
        /// The account.
        account: AccountId,
        /// The market, or all. Each has a countdown of its own.
        market: Option<MarketId>,
        /// Microseconds from now, at most a day; zero ends the countdown.
        timeout_us: u64,
    },
    /// Reduces an open order's quantity; it keeps its place in the book.
    Amend(Amend),
    /// Cancels an order and inserts it anew with another price and open quantity under the same id. It loses its time
    /// priority and may trade. When the new order would be refused, the old one stays as it was. Only an order that rests,
    /// and that belongs to no list, can be modified.
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

impl Command {
    /// Longest countdown: a day.
    pub const MAX_COUNTDOWN_US: u64 = 86_400_000_000;

    /// Whether it moves money other than by trading, so that a repeat of it must be known.
    pub const fn moves_money(&self) -> bool {
        matches!(self, Self::Transfer { .. } | Self::Hold { .. } | Self::Capture { .. } | Self::Release { .. })
    }
}

/// A command on its way to the sequencer.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// Position in the journal.
    pub sequence: Sequence,
    /// When the sequencer took it; never falls along the journal.
    pub time: Timestamp,
    /// What was sent.
    pub envelope: Envelope,
}
