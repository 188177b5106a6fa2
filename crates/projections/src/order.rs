use model::{
    Accepted, AccountId, Amount, AssetId, ClientOrderId, CloseReason, MarketId, OpenOrder, OrderId, OrderType, Price,
    Quantity, SelfTrade, Sequence, Side, Step, TimeInForce, Timestamp, TradeId,
};

/// Where an order stands. Numbers are stored; new ones get new numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum OrderStatus {
    /// Taken in; nothing has traded.
    New = 0,
    /// A part has traded; the rest is open.
    PartiallyFilled = 1,
    /// All has traded.
    Filled = 2,
    /// Its owner cancelled what was open.
    Canceled = 3,
    /// What did not trade at once ended: IOC, FOK, market order.
    Expired = 4,
    /// Self-trade prevention ended it.
    ExpiredInMatch = 5,
}

impl OrderStatus {
    /// Whether the order can still trade.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }

    /// The name in the Binance API.
    pub const fn name(self) -> &'static str {
        match self {
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
    /// Limit; zero for a market order.
    pub price: Price,
    /// Quantity in all. A market order by quote amount has the quantity that it has traded, zero at first.
    pub quantity: Quantity,
    /// Quote amount asked for by a market order; zero otherwise.
    pub quote_quantity: Amount,
    /// What has traded.
    pub executed: Quantity,
    /// What has traded, in quote ledger units.
    pub cumulative_quote: Amount,
    /// Where it stands.
    pub status: OrderStatus,
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

impl OrderView {
    /// The order as it was taken in.
    pub(crate) const fn accepted(accepted: &Accepted, step: &Step) -> Self {
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
            executed: Quantity::ZERO,
            cumulative_quote: Amount::ZERO,
            status: OrderStatus::New,
            client_id: accepted.client_id,
            placed: step.time,
            updated: step.time,
            sequence: step.sequence,
        }
    }

    /// The order as an image has it.
    pub(crate) const fn open(order: &OpenOrder, sequence: Sequence) -> Self {
        let executed = Quantity(order.quantity.0 - order.remaining.0);
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
            executed,
            cumulative_quote: order.filled_quote,
            status: if executed.0 == 0 { OrderStatus::New } else { OrderStatus::PartiallyFilled },
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

    /// What has not traded.
    pub const fn remaining(&self) -> Quantity {
        Quantity(self.quantity.0 - self.executed.0)
    }

    /// When it came into the book: when it was placed. A modified order keeps this time though it loses its priority.
    pub const fn working(&self) -> Timestamp {
        self.placed
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
            self.executed.0 >= self.quantity.0
        };
        self.status = if filled { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        self.touch(step);
    }

    /// It ended before it was filled.
    pub(crate) const fn close(&mut self, reason: CloseReason, step: &Step) {
        self.status = match reason {
            CloseReason::Cancelled => OrderStatus::Canceled,
            CloseReason::Expired => OrderStatus::Expired,
            CloseReason::SelfTrade => OrderStatus::ExpiredInMatch,
        };
        self.touch(step);
    }

    /// It came in anew with another price and open quantity.
    pub(crate) const fn modify(&mut self, price: Price, open: Quantity, step: &Step) {
        self.price = price;
        self.quantity = Quantity(self.executed.0 + open.0);
        self.touch(step);
    }
}
