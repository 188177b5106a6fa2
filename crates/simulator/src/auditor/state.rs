//! What the model knows: accounts, orders, lists, markets. 128-bit numbers and maps in order.

use std::collections::BTreeMap;

use model::{
    AccountId, AssetId, ClientOrderId, ListId, ListKind, Market, MarketId, MarketState, OrderId, OrderType, SelfTrade,
    Side, TierId, TimeInForce, Timestamp,
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) available: i128,
    pub(super) held: i128,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    pub(super) account: AccountId,
    pub(super) asset: AssetId,
    pub(super) remaining: i128,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    /// The master account of a sub-account; otherwise zero.
    pub(super) parent: AccountId,
    pub(super) tier: TierId,
}

/// Where an open order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// It meets the book just now.
    Coming,
    /// It rests in the book.
    Book,
    /// It waits for its stop price.
    Stop,
    /// It follows the price, or waits for the first trade to follow.
    Trailing,
    /// It waits for the working order of its list.
    Pending,
    /// It is in the market's queue.
    Queued,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) id: OrderId,
    pub(super) account: AccountId,
    pub(super) market: MarketId,
    pub(super) side: Side,
    pub(super) order_type: OrderType,
    pub(super) time_in_force: TimeInForce,
    pub(super) self_trade: SelfTrade,
    /// The limit; zero without one.
    pub(super) price: i128,
    pub(super) quantity: i128,
    pub(super) remaining: i128,
    pub(super) prevented: i128,
    /// Whether it waited before it came in.
    pub(super) waited: bool,
    /// What is left of the quote amount of a market order by quote; `None` of every other.
    pub(super) budget: Option<i128>,
    pub(super) filled_quote: i128,
    pub(super) stop_price: i128,
    pub(super) trailing_delta: u16,
    pub(super) iceberg: i128,
    pub(super) expire_at: Timestamp,
    pub(super) list: ListId,
    pub(super) client_id: ClientOrderId,
    /// Rates of the schedule when it was accepted.
    pub(super) maker_ppm: i128,
    pub(super) taker_ppm: i128,
    pub(super) placed: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) stand: Stand,
    /// The price that a buy's hold is reckoned at.
    pub(super) held_price: i128,
    pub(super) held: i128,
    /// Best price since it follows; zero before.
    pub(super) tracked: i128,
    /// What the book shows of it.
    pub(super) shown: i128,
    /// Place in its queue, or among the stops of one price: the later, the higher.
    pub(super) arrival: u64,
}

impl Order {
    /// Whether its hold is made: what is pending, or comes in, holds nothing.
    pub(super) const fn has_hold(&self) -> bool {
        match self.stand {
            Stand::Coming | Stand::Pending => false,
            // What was pending joins the queue without a hold.
            Stand::Queued => self.held != 0,
            Stand::Book | Stand::Stop | Stand::Trailing => true,
        }
    }

    pub(super) fn limit(&self) -> Option<i128> {
        self.order_type.has_limit().then_some(self.price)
    }

    /// The best bid is the highest and the best ask the lowest; the first of a queue has the lowest rank.
    pub(super) const fn rank(&self) -> (i128, u64) {
        match self.side {
            Side::Buy => (-self.price, self.arrival),
            Side::Sell => (self.price, self.arrival),
        }
    }

    /// How much of it the book shows when it comes into it.
    pub(super) fn part(&self) -> i128 {
        if self.iceberg == 0 { self.remaining } else { self.iceberg.min(self.remaining) }
    }
}

/// An open order list.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    pub(super) id: ListId,
    pub(super) account: AccountId,
    pub(super) market: MarketId,
    pub(super) kind: ListKind,
    pub(super) orders: [OrderId; 3],
    pub(super) client_id: ClientOrderId,
}

impl List {
    /// Its two orders of which one ends the other.
    pub(super) const fn pair(&self) -> Option<[OrderId; 2]> {
        match self.kind {
            ListKind::Oco => Some([self.orders[0], self.orders[1]]),
            ListKind::Oto => None,
            ListKind::Otoco => Some([self.orders[1], self.orders[2]]),
        }
    }

    /// The order that the others wait for.
    pub(super) const fn working(&self) -> Option<OrderId> {
        match self.kind {
            ListKind::Oco => None,
            ListKind::Oto | ListKind::Otoco => Some(self.orders[0]),
        }
    }
}

/// The time in which prices must stay near the one that it began at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// Zero: there was no price when it began, so that there is no bound.
    pub(super) reference: i128,
    pub(super) ends: u64,
}

/// What was told of an auction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// Price, volume, imbalance.
    pub(super) values: (i128, i128, i128),
    /// Before this time nothing more is told.
    pub(super) not_before: u64,
    /// Whether something is to be looked at then.
    pub(super) is_due: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Venue {
    pub(super) market: Market,
    /// Ledger units in one quantity unit, and in one unit of price x quantity.
    pub(super) base_unit: i128,
    pub(super) quote_unit: i128,
    pub(super) last_trade: u64,
    pub(super) last_price: i128,
    pub(super) last_prevented: u64,
    pub(super) state: MarketState,
    pub(super) until: Timestamp,
    pub(super) window: Option<Window>,
    pub(super) told: Told,
    /// Whether something happened to its orders since auctions were last looked at.
    pub(super) touched: bool,
    /// Orders that enter next, those that enter together in one place.
    pub(super) queue: Vec<Vec<OrderId>>,
}

impl Venue {
    /// The asset that an order of this side pays with.
    pub(super) const fn paid_by(&self, side: Side) -> AssetId {
        match side {
            Side::Buy => self.market.quote,
            Side::Sell => self.market.base,
        }
    }

    pub(super) const fn quote(&self, price: i128, quantity: i128) -> i128 {
        price.saturating_mul(quantity).saturating_mul(self.quote_unit)
    }

    pub(super) const fn base(&self, quantity: i128) -> i128 {
        quantity.saturating_mul(self.base_unit)
    }

    /// What so much of an order needs held, in the asset that it pays.
    pub(super) const fn cost(&self, side: Side, price: i128, quantity: i128) -> i128 {
        match side {
            Side::Buy => self.quote(price, quantity),
            Side::Sell => self.base(quantity),
        }
    }

    /// What an order needs held for all that is open of it.
    pub(super) const fn need(&self, order: &Order) -> i128 {
        self.cost(order.side, order.held_price, order.remaining)
    }

    pub(super) fn lot(&self) -> i128 {
        self.market.filters.lot.step.into()
    }
}

/// Fees by tier and market, beside those of the markets' own settings.
pub(super) type Schedule = BTreeMap<(Option<TierId>, Option<MarketId>), model::Fees>;

/// Whether a price is as good as the limit of this side, or better.
pub(super) const fn crosses(side: Side, limit: i128, price: i128) -> bool {
    match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    }
}
