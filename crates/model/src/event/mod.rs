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

mod batch;
mod order;

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Fees, HoldId, ListId, ListKind, Market, MarketId, MarketState,
    OrderId, Price, Quantity, Reject, Side, SourceId, SourceSeq, TierId, Timestamp, Wait,
};
pub use batch::{Batch, Receipt, Step};
pub use order::{Accepted, Amended, CloseReason, Closed, Prevented, Trade};

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
