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
//! | `Armed`, `Triggered` | the same |
//! | `Entered`, `Closed`, `Amended`, `Modified` | owner held - released, available + released (quote for a buy, base for a sell); after `Entered` and `Modified` a `Rested` follows for what rests |
//! | `Prevented` | maker held - released, available + released |
//! | `Trade` | the taker pays from available, the maker from held; each receives the other's amount less its own fee; the fee goes to the system accounts FEES and ROUNDING |
//! | `Trade` with `auction` | both pay from held; the buyer moreover held - released, available + released |
//!
//! How the book that everybody sees follows from them (quantities shown at a price): `Rested` adds `visible`, `Refilled`
//! adds `visible`, `Trade` takes `quantity` from the maker's price (in an auction from the prices of both orders),
//! `Prevented` takes `maker_visible`, `Amended`, `Modified` and `Closed` take theirs.

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Fees, HoldId, ListId, ListKind, Market, MarketId, MarketState,
    OrderId, OrderType, PreventedId, Price, Quantity, Reject, SelfTrade, Sequence, Side, SourceId, SourceSeq, TierId,
    TimeInForce, Timestamp, TradeId, Wait,
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
    /// Limit; zero for an order without one.
    pub price: Price,
    /// Quantity asked for; zero for a market order by quote amount.
    pub quantity: Quantity,
    /// Quote amount asked for; zero otherwise.
    pub quote_quantity: Amount,
    /// Trigger of a contingent order; zero otherwise.
    pub stop_price: Price,
    /// Trailing delta of a contingent order, in hundredths of a percent; zero otherwise.
    pub trailing_delta: u16,
    /// How much is shown at a time; zero: all.
    pub iceberg: Quantity,
    /// When it expires; [`Timestamp::NEVER`] otherwise.
    pub expire_at: Timestamp,
    /// The list that it belongs to; zero: none.
    pub list: ListId,
    /// The client's id.
    pub client_id: ClientOrderId,
}

/// Two orders traded, at the maker's price; in an auction at its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Its id, dense per market from 1.
    pub trade: TradeId,
    /// Where.
    pub market: MarketId,
    /// Side of the taker.
    pub taker_side: Side,
    /// Whether the orders met in an auction: then both rested, and the younger one is called the taker.
    pub auction: bool,
    /// The price: the maker's, or the auction's.
    pub price: Price,
    /// Base traded.
    pub quantity: Quantity,
    /// Quote traded, in quote ledger units: price x quantity, exact.
    pub quote: Amount,
    /// The order that rested; in an auction the older one.
    pub maker_order: OrderId,
    /// The order that came in; in an auction the younger one.
    pub taker_order: OrderId,
    /// Owner of the maker order.
    pub maker_account: AccountId,
    /// Owner of the taker order.
    pub taker_account: AccountId,
    /// Fee of the maker, rounding included, in the asset that the maker receives; negative: a rebate.
    pub maker_fee: Amount,
    /// Fee of the taker, rounding included, in the asset that the taker receives; negative: a rebate.
    pub taker_fee: Amount,
    /// Units of the two fees (0 or 1 each) that exist only by rounding up: `[maker, taker]`.
    pub rounding: [u8; 2],
    /// What is left of the maker order, hidden parts included; zero closes it.
    pub maker_remaining: Quantity,
    /// What is left of the taker order; zero for a market order by quote amount.
    pub taker_remaining: Quantity,
    /// In an auction: what was held for the buyer's quantity beyond the quote that it pays. Otherwise zero.
    pub released: Amount,
}

/// Self-trade prevention kept two orders of one trade group from trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prevented {
    /// Its id, dense per market from 1.
    pub prevented: PreventedId,
    /// Where.
    pub market: MarketId,
    /// Side of the taker.
    pub taker_side: Side,
    /// The incoming order's mode.
    pub mode: SelfTrade,
    /// The maker's price.
    pub price: Price,
    /// The order that rested.
    pub maker_order: OrderId,
    /// The order that came in.
    pub taker_order: OrderId,
    /// Owner of the maker order.
    pub maker_account: AccountId,
    /// Owner of the taker order.
    pub taker_account: AccountId,
    /// What the maker loses: all that remained when it expires, as much as would have traded when it is decremented,
    /// nothing when only the taker expires.
    pub maker_quantity: Quantity,
    /// What the taker loses, in the same way; zero for a market order by quote amount.
    pub taker_quantity: Quantity,
    /// The part of `maker_quantity` that leaves the book by this event: all of it when the maker is decremented. An order
    /// that expires leaves by its `Closed`.
    pub maker_visible: Quantity,
    /// What was held for the maker's decremented quantity and is available again.
    pub released: Amount,
    /// What is left of the maker after a decrement; zero: its `Closed` follows.
    pub maker_remaining: Quantity,
}

/// An order's quantity was reduced; it keeps its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amended {
    /// The order.
    pub order: OrderId,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Its side.
    pub side: Side,
    /// Its price; zero for one without.
    pub price: Price,
    /// Its quantity in all from now on.
    pub quantity: Quantity,
    /// What is open from now on, hidden parts included.
    pub remaining: Quantity,
    /// By how much less of it the book shows.
    pub visible: Quantity,
    /// What was held for the difference and is available again.
    pub released: Amount,
    /// Its client id from now on.
    pub client_id: ClientOrderId,
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
    /// Another order of its list executed, triggered or ended.
    ListDone = 3,
    /// Its time came (GTD).
    Deadline = 4,
    /// The dead-man's switch of its account.
    Countdown = 5,
    /// When its turn came, the account had not enough, or it would have traded or triggered at once where it must not.
    Refused = 6,
    /// A rebate did not fit: issued money must stay within 63 bits of ledger units.
    Overflow = 7,
    /// The operator cancelled all orders of the market.
    MarketCancelled = 8,
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
    /// Its price; zero for an order without one.
    pub price: Price,
    /// What did not trade, hidden parts included; zero for a market order by quote amount.
    pub remaining: Quantity,
    /// What of it stood in the book for everybody to see; zero for an order that was not in the book.
    pub visible: Quantity,
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
    /// A market has other settings from now on.
    MarketSet(Market),
    /// A market has another state from now on.
    MarketStateSet {
        /// The market.
        market: MarketId,
        /// Its state.
        state: MarketState,
        /// When an auction ends by itself; [`Timestamp::NEVER`] otherwise.
        until: Timestamp,
        /// What brought it about.
        cause: StateCause,
    },
    /// At which price an auction would trade how much now. Told at most every half second.
    Indicative {
        /// The market.
        market: MarketId,
        /// The price; zero when nothing would trade.
        price: Price,
        /// How much would trade.
        volume: Quantity,
        /// What would be left over at that price: of buys when positive, of sells when negative.
        imbalance: Quantity,
    },
    /// An auction's orders meet; its trades follow.
    Uncrossed {
        /// The market.
        market: MarketId,
        /// The price of them all.
        price: Price,
        /// How much trades.
        volume: Quantity,
    },
    /// An account is known from now on.
    AccountOpened {
        /// Its id.
        account: AccountId,
        /// Its master account when it is a sub-account; zero otherwise.
        parent: AccountId,
    },
    /// An account is in another fee tier from now on.
    TierSet {
        /// The account.
        account: AccountId,
        /// Its tier.
        tier: TierId,
    },
    /// An entry of the fee schedule changed.
    FeesSet {
        /// For this tier only.
        tier: Option<TierId>,
        /// For this market only.
        market: Option<MarketId>,
        /// The fees; none: the entry is gone.
        fees: Option<Fees>,
    },
    /// Time passed; nothing else was asked for.
    Ticked,
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
    /// An order list was taken in. The `Accepted` of its orders follow at once.
    ListPlaced {
        /// Its id.
        list: ListId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// How its orders hang together.
        kind: ListKind,
        /// Its orders, in the order of the command; the third is zero when there are two.
        orders: [OrderId; 3],
        /// The client's id of the list.
        client_id: ClientOrderId,
    },
    /// The last open order of a list is gone.
    ListDone {
        /// The list.
        list: ListId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
    },
    /// An order was taken in.
    Accepted(Accepted),
    /// An order waits outside of the book.
    Armed {
        /// The order.
        order: OrderId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Its side.
        side: Side,
        /// What it waits for.
        wait: Wait,
        /// What is held for it: quote for a buy, base for a sell.
        held: Amount,
    },
    /// A trailing order follows the price from this one on.
    Tracking {
        /// The order.
        order: OrderId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// The price.
        price: Price,
    },
    /// A contingent order's trigger was reached. It enters the book, in this command or when the market trades again.
    Triggered {
        /// The order.
        order: OrderId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Its side.
        side: Side,
        /// What is held for it beside what was before: the other order of its pair has given it up.
        held: Amount,
    },
    /// An order that waited meets the book now, like one that was just accepted.
    Entered {
        /// The order.
        order: OrderId,
        /// Its owner.
        account: AccountId,
        /// Its market.
        market: MarketId,
        /// Its side.
        side: Side,
        /// What was held for it and is available again.
        released: Amount,
    },
    /// Two orders traded.
    Trade(Trade),
    /// The shown part of an iceberg order traded away; the next part is shown, behind all others at its price.
    Refilled {
        /// The order.
        order: OrderId,
        /// Its market.
        market: MarketId,
        /// Its side.
        side: Side,
        /// Its price.
        price: Price,
        /// What is shown now.
        visible: Quantity,
    },
    /// Self-trade prevention kept two orders from trading.
    Prevented(Prevented),
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
        /// What rests, hidden parts included.
        remaining: Quantity,
        /// What of it is shown.
        visible: Quantity,
        /// What is held for it: quote for a buy, base for a sell.
        held: Amount,
    },
    /// An order ended before it was filled.
    Closed(Closed),
    /// An order's quantity was reduced.
    Amended(Amended),
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
        /// Open quantity before, hidden parts included.
        old_remaining: Quantity,
        /// What of it was shown.
        old_visible: Quantity,
        /// Price from now on.
        price: Price,
        /// Open quantity from now on.
        quantity: Quantity,
        /// What was held for it before.
        released: Amount,
    },
    /// A command over all orders was carried out; it follows the `Closed` of each.
    AllCancelled {
        /// Their owner; zero: all of a market.
        account: AccountId,
        /// How many.
        count: u32,
    },
    /// A dead-man's switch was set, or ended.
    CountdownSet {
        /// The account.
        account: AccountId,
        /// The market, or all.
        market: Option<MarketId>,
        /// When it fires; [`Timestamp::NEVER`]: it is off.
        deadline: Timestamp,
    },
    /// A dead-man's switch fired; the `Closed` of the account's orders follow.
    CountdownFired {
        /// The account.
        account: AccountId,
        /// The market, or all.
        market: Option<MarketId>,
    },
}

/// What brought a market's state about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum StateCause {
    /// A command.
    Operator = 0,
    /// A trade would have moved the price too far.
    Volatility = 1,
    /// The auction's time was over.
    Deadline = 2,
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
