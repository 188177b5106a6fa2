use model::{
    Accepted, AccountId, Amount, AssetId, ClientOrderId, CloseReason, ListId, MarketId, OpenOrder, OrderId, OrderType,
    PreventedId, Price, Quantity, SelfTrade, Sequence, Side, Step, TimeInForce, Timestamp, TradeId, Wait,
};

/// Where an order stands. Numbers are stored; new ones get new numbers, below two for an order that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum OrderStatus {
    /// Taken in; it waits for the working order of its list.
    PendingNew = -1,
    /// Taken in; nothing has traded.
    New = 0,
    /// A part has traded; the rest is open.
    PartiallyFilled = 1,
    /// All has traded.
    Filled = 2,
    /// Its owner, or its owner's countdown, cancelled what was open.
    Canceled = 3,
    /// It ended by its own rules, by those of its list, or by the exchange.
    Expired = 4,
    /// Self-trade prevention ended it.
    ExpiredInMatch = 5,
}

impl OrderStatus {
    /// Whether the order can still trade.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::PendingNew | Self::New | Self::PartiallyFilled)
    }

    /// The name in the Binance API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PendingNew => "PENDING_NEW",
            Self::New => "NEW",
            Self::PartiallyFilled => "PARTIALLY_FILLED",
            Self::Filled => "FILLED",
            Self::Canceled => "CANCELED",
            Self::Expired => "EXPIRED",
            Self::ExpiredInMatch => "EXPIRED_IN_MATCH",
        }
    }

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The status with this stored number, if there is one.
    pub const fn from_code(code: i16) -> Option<Self> {
        Some(match code {
            -1 => Self::PendingNew,
            0 => Self::New,
            1 => Self::PartiallyFilled,
            2 => Self::Filled,
            3 => Self::Canceled,
            4 => Self::Expired,
            5 => Self::ExpiredInMatch,
            _ => return None,
        })
    }
}

/// An order with everything that its owner may ask of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderView {
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
    /// Quantity in all. A market order by quote amount has the quantity that it has traded, zero at first.
    pub quantity: Quantity,
    /// Quote amount asked for by a market order; zero otherwise.
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
    /// What it waits for outside of the book.
    pub wait: Wait,
    /// Since when it meets the book; `None` while it waits. It keeps the time when it is modified, though it loses its
    /// priority. Of an order that waited once and came from an image: when it last changed before that.
    pub working: Option<Timestamp>,
    /// Since when a trailing order follows the price; `None` otherwise. From an image: as `working`.
    pub trailing: Option<Timestamp>,
    /// What self-trade prevention took off.
    pub prevented: Quantity,
    /// The last match that self-trade prevention kept from happening; zero: none, or one before the image it came from.
    pub last_prevented: PreventedId,
    /// What has traded.
    pub executed: Quantity,
    /// What has traded, in quote ledger units.
    pub cumulative_quote: Amount,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it ended before it was filled; `None` while it is open and when it was filled.
    pub ended: Option<CloseReason>,
    /// The client's id.
    pub client_id: ClientOrderId,
    /// When it was placed.
    pub placed: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// The command that last changed it. For an order that came from an image: that of the image.
    pub sequence: Sequence,
}

/// One order's part in a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// The trade.
    pub trade: TradeId,
    /// At which price.
    pub price: Price,
    /// Base.
    pub quantity: Quantity,
    /// Quote, in quote ledger units.
    pub quote: Amount,
    /// The order's fee.
    pub commission: Amount,
    /// What the fee was taken from: the asset that the order received.
    pub commission_asset: AssetId,
    /// Whether the order was resting.
    pub is_maker: bool,
}

/// One order's part in a match that self-trade prevention kept from happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prevention {
    /// The prevented match.
    pub prevented: PreventedId,
    /// At which price it would have been.
    pub price: Price,
    /// What the order lost.
    pub quantity: Quantity,
    /// The order that it met.
    pub counter_order: OrderId,
    /// Owner of that order.
    pub counter_account: AccountId,
    /// Whether the order was resting.
    pub is_maker: bool,
}

impl OrderView {
    /// The order as it was taken in. `pending`: it waits for the working order of its list.
    pub(crate) const fn accepted(accepted: &Accepted, pending: bool, step: &Step) -> Self {
        let waits = pending || accepted.order_type.is_contingent();
        Self {
            order: accepted.order,
            account: accepted.account,
            market: accepted.market,
            side: accepted.side,
            order_type: accepted.order_type,
            time_in_force: accepted.time_in_force,
            self_trade: accepted.self_trade,
            price: accepted.price,
            quantity: accepted.quantity,
            quote_quantity: accepted.quote_quantity,
            stop_price: accepted.stop_price,
            trailing_delta: accepted.trailing_delta,
            iceberg: accepted.iceberg,
            expire_at: accepted.expire_at,
            list: accepted.list,
            // Its `Armed` follows when it waits.
            wait: Wait::Nothing,
            working: if waits { None } else { Some(step.time) },
            trailing: None,
            prevented: Quantity::ZERO,
            last_prevented: PreventedId(0),
            executed: Quantity::ZERO,
            cumulative_quote: Amount::ZERO,
            status: if pending { OrderStatus::PendingNew } else { OrderStatus::New },
            ended: None,
            client_id: accepted.client_id,
            placed: step.time,
            updated: step.time,
            sequence: step.sequence,
        }
    }

    /// The order as an image has it.
    pub(crate) const fn open(order: &OpenOrder, sequence: Sequence) -> Self {
        let executed = Quantity(order.quantity.0 - order.remaining.0 - order.prevented.0);
        // In the market's queue too an order that its list has not let in yet is pending: nothing is held for it.
        let pending = matches!(order.wait, Wait::List) || (matches!(order.wait, Wait::Market) && order.held.0 == 0);
        let waited = order.order_type.is_contingent() || order.list.0 != 0;
        Self {
            order: order.order,
            account: order.account,
            market: order.market,
            side: order.side,
            order_type: order.order_type,
            time_in_force: order.time_in_force,
            self_trade: order.self_trade,
            price: order.price,
            quantity: order.quantity,
            // An order by quote amount never rests.
            quote_quantity: Amount::ZERO,
            stop_price: order.stop_price,
            trailing_delta: order.trailing_delta,
            iceberg: order.iceberg,
            expire_at: order.expire_at,
            list: order.list,
            wait: if pending { Wait::List } else { order.wait },
            working: match order.wait {
                Wait::Nothing => Some(if waited { order.updated } else { order.placed }),
                _ => None,
            },
            trailing: if order.tracked.0 > 0 { Some(order.updated) } else { None },
            prevented: order.prevented,
            last_prevented: PreventedId(0),
            executed,
            cumulative_quote: order.filled_quote,
            status: if pending {
                OrderStatus::PendingNew
            } else if executed.0 == 0 {
                OrderStatus::New
            } else {
                OrderStatus::PartiallyFilled
            },
            ended: None,
            client_id: order.client_id,
            placed: order.placed,
            updated: order.updated,
            sequence,
        }
    }

    /// Whether it can still trade.
    pub const fn is_open(&self) -> bool {
        self.status.is_open()
    }

    /// What may still trade.
    pub const fn remaining(&self) -> Quantity {
        Quantity(self.quantity.0 - self.executed.0 - self.prevented.0)
    }

    const fn touch(&mut self, step: &Step) {
        self.updated = step.time;
        self.sequence = step.sequence;
    }

    /// A part traded. `ends_quote_order` tells for an order by quote amount whether it is done with this trade.
    pub(crate) const fn fill(&mut self, fill: &Fill, ends_quote_order: bool, step: &Step) {
        // No more than the order, whose total the engine keeps in range.
        self.executed.0 += fill.quantity.0;
        // Only told, never paid: an order that is modified again and again may trade more than all the money there is.
        self.cumulative_quote.0 = self.cumulative_quote.0.saturating_add(fill.quote.0);
        let filled = if self.quote_quantity.0 > 0 {
            self.quantity = self.executed;
            ends_quote_order
        } else {
            self.remaining().0 <= 0
        };
        self.status = if filled { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        self.touch(step);
    }

    /// Self-trade prevention took a part of it off.
    pub(crate) const fn prevent(&mut self, prevention: &Prevention, step: &Step) {
        self.prevented.0 += prevention.quantity.0;
        self.last_prevented = prevention.prevented;
        self.touch(step);
    }

    /// It ended before it was filled.
    pub(crate) const fn close(&mut self, reason: CloseReason, step: &Step) {
        self.ended = Some(reason);
        self.status = match reason {
            CloseReason::Cancelled | CloseReason::Countdown => OrderStatus::Canceled,
            CloseReason::SelfTrade => OrderStatus::ExpiredInMatch,
            CloseReason::Expired
            | CloseReason::ListDone
            | CloseReason::Deadline
            | CloseReason::Refused
            | CloseReason::Overflow
            | CloseReason::MarketCancelled => OrderStatus::Expired,
        };
        self.touch(step);
    }

    /// It came in anew with another price and open quantity.
    pub(crate) const fn modify(&mut self, price: Price, open: Quantity, step: &Step) {
        self.price = price;
        self.quantity = Quantity(self.executed.0 + self.prevented.0 + open.0);
        self.touch(step);
    }

    /// It was reduced where it is.
    pub(crate) const fn amend(&mut self, quantity: Quantity, client_id: ClientOrderId, step: &Step) {
        self.quantity = quantity;
        self.client_id = client_id;
        self.touch(step);
    }

    /// It waits outside of the book.
    pub(crate) const fn arm(&mut self, wait: Wait, step: &Step) {
        self.wait = wait;
        self.working = None;
        self.touch(step);
    }

    /// It follows the price from now on.
    pub(crate) const fn track(&mut self, step: &Step) {
        self.wait = Wait::Trailing;
        self.trailing = Some(step.time);
        self.touch(step);
    }

    /// Its trigger was reached.
    pub(crate) const fn trigger(&mut self, step: &Step) {
        self.wait = Wait::Market;
        self.touch(step);
    }

    /// Its turn came: it meets the book, or waits for its trigger from now on.
    pub(crate) const fn enter(&mut self, works: bool, step: &Step) {
        self.wait = Wait::Nothing;
        self.working = if works { Some(step.time) } else { None };
        if matches!(self.status, OrderStatus::PendingNew) {
            self.status = OrderStatus::New;
        }
        self.touch(step);
    }
}
