//! The whole of what views need of a state, at one position of the journal.

use crate::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Market, MarketId, OrderId, OrderType, Price, Quantity, SelfTrade,
    Sequence, Side, TimeInForce, Timestamp, TradeId,
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
    /// Its limit.
    pub price: Price,
    /// Quantity in all: what has traded and what remains.
    pub quantity: Quantity,
    /// What is open.
    pub remaining: Quantity,
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
    pub accounts: Vec<AccountId>,
    /// All balances, by account and asset.
    pub balances: Vec<BalanceImage>,
    /// All open orders: by market, bids then asks, best price first, then time priority.
    pub orders: Vec<OpenOrder>,
}
