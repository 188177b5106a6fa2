//! The whole of what views need of a state, at one position of the journal.

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Fees, ListId, ListKind, Market, MarketId, MarketState, OrderId,
    OrderType, PreventedId, Price, Quantity, SelfTrade, Sequence, Side, TierId, TimeInForce, Timestamp, TradeId, Wait,
};

/// A market with its counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketImage {
    /// Its settings.
    pub market: Market,
    /// Id of its last trade; zero before the first.
    pub last_trade: TradeId,
    /// Price of its last trade; zero before the first.
    pub last_price: Price,
    /// Id of its last prevented match; zero before the first.
    pub last_prevented: PreventedId,
    /// Its state.
    pub state: MarketState,
    /// When an auction ends by itself; [`Timestamp::NEVER`] otherwise.
    pub until: Timestamp,
}

/// A user account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountImage {
    /// Its id.
    pub account: AccountId,
    /// Its master account when it is a sub-account; zero otherwise.
    pub parent: AccountId,
    /// Its fee tier.
    pub tier: TierId,
}

/// An entry of the fee schedule, beside those that markets have in their settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeesImage {
    /// For this tier only.
    pub tier: Option<TierId>,
    /// For this market only.
    pub market: Option<MarketId>,
    /// The fees.
    pub fees: Fees,
}

/// An open order list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListImage {
    /// Its id.
    pub list: ListId,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// How its orders hang together.
    pub kind: ListKind,
    /// Its orders as they were placed; the third is zero when there are two. Some may be gone.
    pub orders: [OrderId; 3],
    /// The client's id.
    pub client_id: ClientOrderId,
}

/// A dead-man's switch that is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountdownImage {
    /// The account.
    pub account: AccountId,
    /// The market, or all.
    pub market: Option<MarketId>,
    /// When it fires.
    pub deadline: Timestamp,
}

/// An open order with all that a client may ask of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its id.
    pub order: OrderId,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Its side.
    pub side: Side,
    /// Its kind.
    pub order_type: OrderType,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Its self-trade mode.
    pub self_trade: SelfTrade,
    /// Its limit; zero for one without.
    pub price: Price,
    /// Quantity in all: what has traded, what was prevented and what remains.
    pub quantity: Quantity,
    /// What is open, hidden parts included.
    pub remaining: Quantity,
    /// What of it the book shows; zero for an order that is not in the book.
    pub visible: Quantity,
    /// What self-trade prevention took off.
    pub prevented: Quantity,
    /// Trigger of a contingent order; zero otherwise.
    pub stop_price: Price,
    /// Trailing delta of a contingent order; zero otherwise.
    pub trailing_delta: u16,
    /// How much is shown at a time; zero: all.
    pub iceberg: Quantity,
    /// When it expires; [`Timestamp::NEVER`] otherwise.
    pub expire_at: Timestamp,
    /// The list that it belongs to; zero: none.
    pub list: ListId,
    /// What it waits for outside of the book.
    pub wait: Wait,
    /// Best price that a trailing order has seen since it follows; zero otherwise.
    pub tracked: Price,
    /// What is held for it: quote for a buy, base for a sell.
    pub held: Amount,
    /// Quote traded so far.
    pub filled_quote: Amount,
    /// The client's id.
    pub client_id: ClientOrderId,
    /// When it was placed.
    pub placed: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// One account's holding of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceImage {
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub asset: AssetId,
    /// Free to use.
    pub available: Amount,
    /// Set aside for open orders and holds.
    pub held: Amount,
}

/// Everything that views load at a start, at one position of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The last command that it contains.
    pub sequence: Sequence,
    /// Time of that command.
    pub time: Timestamp,
    /// All assets, by id.
    pub assets: Vec<Asset>,
    /// All markets, by id.
    pub markets: Vec<MarketImage>,
    /// All user accounts, by id.
    pub accounts: Vec<AccountImage>,
    /// The fee schedule beside the markets' own entries, by tier and market, none first.
    pub fees: Vec<FeesImage>,
    /// All balances, by account and asset.
    pub balances: Vec<BalanceImage>,
    /// All open orders: by market, bids then asks, best price first, then time priority; then those of the market that are
    /// not in its book, by id.
    pub orders: Vec<OpenOrder>,
    /// All open order lists, by id.
    pub lists: Vec<ListImage>,
    /// All dead-man's switches that are on, by account and market, all markets first.
    pub countdowns: Vec<CountdownImage>,
}
