//! Events: everything that happened. Views follow these alone; each event carries all that they need.
//!
//! How balances follow from events (every amount in ledger units of the asset named):
//!
//! | event | effect |
//! | --- | --- |
//! | `Transferred` | `from` available - amount, `to` available + amount |
//! | `Held` | account available - amount, held + amount |
//! | `Captured` | owner held - amount, `to` available + amount |
//! | `Released` | owner held - amount, available + amount |
//! | `Rested` | owner available - held, held + held (quote for a buy, base for a sell) |
//! | `Closed` | owner held - released, available + released (quote for a buy, base for a sell) |
//! | `Trade` | the taker pays from available, the maker from held; each receives the other's amount less its own fee; the fee goes to the system accounts FEES and ROUNDING |
//! | `Modified` | owner held - released, available + released; a `Rested` follows for what rests anew |

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, HoldId, Market, MarketId, OrderId, OrderType, Price, Quantity,
    Reject, SelfTrade, Sequence, Side, SourceId, SourceSeq, TimeInForce, Timestamp, TradeId,
};

/// An order was taken in. It precedes the order's trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub order: OrderId,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Buy or sell.
    pub side: Side,
    /// Kind.
    pub order_type: OrderType,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Its self-trade mode.
    pub self_trade: SelfTrade,
    /// Limit; zero for a market order.
    pub price: Price,
    /// Quantity asked for; zero for a market order by quote amount.
    pub quantity: Quantity,
    /// Quote amount asked for; zero otherwise.
    pub quote_quantity: Amount,
    /// The client's id.
    pub client_id: ClientOrderId,
}

/// Two orders traded, at the maker's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Its id, dense per market from 1.
    pub trade: TradeId,
    /// Where.
    pub market: MarketId,
    /// Side of the taker.
    pub taker_side: Side,
    /// The maker's price.
    pub price: Price,
    /// Base traded.
    pub quantity: Quantity,
    /// Quote traded, in quote ledger units: price x quantity, exact.
    pub quote: Amount,
    /// The order that rested.
    pub maker_order: OrderId,
    /// The order that came in.
    pub taker_order: OrderId,
    /// Owner of the maker order.
    pub maker_account: AccountId,
    /// Owner of the taker order.
    pub taker_account: AccountId,
    /// Fee of the maker, rounding included, in the asset that the maker receives.
    pub maker_fee: Amount,
    /// Fee of the taker, rounding included, in the asset that the taker receives.
    pub taker_fee: Amount,
    /// Units of the two fees (0 or 1 each) that exist only by rounding up: `[maker, taker]`.
    pub rounding: [u8; 2],
    /// What is left of the maker order; zero closes it.
    pub maker_remaining: Quantity,
}

/// Why an order left the book, or never rested, other than by being filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CloseReason {
    /// Its owner cancelled it.
    Cancelled = 0,
    /// IOC, FOK or market order that did not trade in full.
    Expired = 1,
    /// Self-trade prevention.
    SelfTrade = 2,
}

/// An order ended before it was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// The order.
    pub order: OrderId,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Its side.
    pub side: Side,
    /// Why.
    pub reason: CloseReason,
    /// Its price; zero for a market order.
    pub price: Price,
    /// What did not trade.
    pub remaining: Quantity,
    /// What was held for it and is available again.
    pub released: Amount,
    /// Name of the cancel request; empty when there was none.
    pub request_id: ClientOrderId,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "events live in one flat Vec; a box would cost an allocation each")]
pub enum Event {
    /// The command, or the placing part of a cancel-replace, was refused; nothing changed by it.
    Rejected {
        /// The account it was for; zero when it was for none.
        account: AccountId,
        /// Why.
        reason: Reject,
    },
    /// The cancelling part of a cancel-replace was refused.
    CancelRejected {
        /// The account it was for.
        account: AccountId,
        /// Why.
        reason: Reject,
    },
    /// The engine has applied this position of the source before; nothing changed.
    Duplicate {
        /// The source.
        source: SourceId,
        /// The position.
        source_seq: SourceSeq,
    },
    /// An asset is known from now on.
    AssetAdded(Asset),
    /// A market is open from now on.
    MarketAdded(Market),
    /// An account is known from now on.
    AccountOpened {
        /// Its id.
        account: AccountId,
    },
    /// Money moved.
    Transferred {
        /// Paid.
        from: AccountId,
        /// Received.
        to: AccountId,
        /// Of what.
        asset: AssetId,
        /// How much.
        amount: Amount,
    },
    /// Money was set aside.
    Held {
        /// The hold's id.
        hold: HoldId,
        /// Whose money.
        account: AccountId,
        /// Of what.
        asset: AssetId,
        /// How much.
        amount: Amount,
    },
    /// A part or all of a hold was paid.
    Captured {
        /// The hold.
        hold: HoldId,
        /// Whose money.
        account: AccountId,
        /// Received.
        to: AccountId,
        /// Of what.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// What is left of the hold; zero closes it.
        remaining: Amount,
    },
    /// The rest of a hold is available again; the hold is closed.
    Released {
        /// The hold.
        hold: HoldId,
        /// Whose money.
        account: AccountId,
        /// Of what.
        asset: AssetId,
        /// How much.
        amount: Amount,
    },
    /// An order was taken in.
    Accepted(Accepted),
    /// Two orders traded.
    Trade(Trade),
    /// What is left of an incoming order rests in the book.
    Rested {
        /// The order.
        order: OrderId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Its side.
        side: Side,
        /// Its price.
        price: Price,
        /// What rests.
        remaining: Quantity,
        /// What is held for it: quote for a buy, base for a sell.
        held: Amount,
    },
    /// An order ended before it was filled.
    Closed(Closed),
    /// An order was taken out to come in anew with another price and quantity.
    Modified {
        /// The order.
        order: OrderId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Its side.
        side: Side,
        /// Price before.
        old_price: Price,
        /// Open quantity before.
        old_remaining: Quantity,
        /// Price from now on.
        price: Price,
        /// Open quantity from now on.
        quantity: Quantity,
        /// What was held for it before.
        released: Amount,
    },
    /// A command over all orders was carried out; it follows the `Closed` of each.
    AllCancelled {
        /// Their owner.
        account: AccountId,
        /// How many.
        count: u32,
    },
}

/// One applied command: where it stands in the journal, and which events of its batch are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Position in the journal.
    pub sequence: Sequence,
    /// When the sequencer took it.
    pub time: Timestamp,
    /// Who sent it.
    pub source: SourceId,
    /// Position in the source's order.
    pub source_seq: SourceSeq,
    /// Index of its first event in [`Batch::events`].
    pub first_event: u32,
    /// How many events it has; at least one.
    pub event_count: u32,
}

/// Steps that became durable together, in journal order, with their events in one flat list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The steps, dense in sequence.
    pub steps: Vec<Step>,
    /// The events of all steps, in order.
    pub events: Vec<Event>,
}

impl Batch {
    /// The events of one step; empty when the index is past the end.
    pub fn events_of(&self, index: usize) -> &[Event] {
        let Some(step) = self.steps.get(index) else { return &[] };
        let first = step.first_event as usize;
        self.events.get(first..first + step.event_count as usize).unwrap_or_default()
    }

    /// Each step with its events.
    pub fn iter(&self) -> impl Iterator<Item = (&Step, &[Event])> {
        self.steps.iter().enumerate().map(|(index, step)| (step, self.events_of(index)))
    }

    /// Sequence of the last step; `None` when the batch is empty.
    pub fn last_sequence(&self) -> Option<Sequence> {
        self.steps.last().map(|step| step.sequence)
    }
}

/// The durable answer to one command: its step and events inside the batch that they became durable with.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The whole batch, shared with every other reader of it.
    pub batch: std::sync::Arc<Batch>,
    /// Which step of the batch is the answer.
    pub index: usize,
}

impl Receipt {
    /// The step; `None` only when the index is past the end, which the sequencer never makes.
    pub fn step(&self) -> Option<&Step> {
        self.batch.steps.get(self.index)
    }

    /// The events of the step.
    pub fn events(&self) -> &[Event] {
        self.batch.events_of(self.index)
    }
}
