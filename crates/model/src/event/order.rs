//! What befalls orders: events with many fields.

use crate::{
    AccountId, Amount, ClientOrderId, ListId, MarketId, OrderId, OrderType, PreventedId, Price, Quantity, SelfTrade,
    Side, TimeInForce, Timestamp, TradeId,
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
