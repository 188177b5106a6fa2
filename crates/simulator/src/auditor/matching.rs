//! What an incoming order must meet, planned from the queues alone, and the trades that the engine reports.

use model::{AccountId, AssetId, MarketId, OrderId, OrderType, Place, SelfTrade, Side, Trade};

use super::{Answer, Auditor, Checked, Order, Rule, Venue, amount, ensure};

#[derive(Debug, Clone, Copy)]
pub(super) enum Want {
    Quantity(i128),
    Quote(i128),
}

/// An order that meets the book.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taker {
    pub(super) id: OrderId,
    pub(super) account: AccountId,
    pub(super) market: MarketId,
    pub(super) side: Side,
    pub(super) limit: Option<i128>,
    pub(super) self_trade: SelfTrade,
    pub(super) want: Want,
}

impl Taker {
    /// The order of a command; its id is not known yet.
    pub(super) fn of_place(place: &Place) -> Self {
        let by_quote = place.order_type == OrderType::Market && place.quantity.0 == 0;
        Self {
            id: OrderId(0),
            account: place.account,
            market: place.market,
            side: place.side,
            limit: (place.order_type != OrderType::Market).then_some(place.price.0.into()),
            self_trade: place.self_trade,
            want: if by_quote {
                Want::Quote(place.quote_quantity.0.into())
            } else {
                Want::Quantity(place.quantity.0.into())
            },
        }
    }
}

impl Taker {
    const fn is_filled(&self, plan: &Plan) -> bool {
        match self.want {
            Want::Quantity(quantity) => plan.quantity == quantity,
            Want::Quote(quote) => plan.quote == quote,
        }
    }
}

/// Why an order stops trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It has all that it wanted.
    Filled,
    /// The next price is worse than its limit.
    Limit,
    /// Nobody is left on the other side.
    Empty,
    /// Its own account is next.
    SelfTrade,
    /// What is left of its quote amount does not pay for a lot.
    Budget,
}

/// What must happen.
#[derive(Debug)]
pub(super) struct Plan {
    /// The makers in turn, each with the quantity that it trades.
    pub(super) fills: Vec<(OrderId, i128)>,
    pub(super) end: End,
    pub(super) quantity: i128,
    pub(super) quote: i128,
}

impl Venue {
    /// The asset that an order of this side pays with.
    pub(super) const fn paid_by(&self, side: Side) -> AssetId {
        match side {
            Side::Buy => self.market.quote,
            Side::Sell => self.market.base,
        }
    }

    /// What an open order needs held.
    pub(super) const fn needs(&self, order: &Order) -> i128 {
        match order.side {
            Side::Buy => order.price * order.remaining * self.quote_unit,
            Side::Sell => order.remaining * self.base_unit,
        }
    }

    /// Open orders of a side, in the order in which they trade.
    pub(super) fn queue(&self, side: Side) -> impl Iterator<Item = OrderId> {
        self.queues[usize::from(side == Side::Sell)].values().copied()
    }

    pub(super) fn queue_mut(&mut self, side: Side) -> &mut std::collections::BTreeMap<(i128, u64), OrderId> {
        &mut self.queues[usize::from(side == Side::Sell)]
    }
}

/// The best bid is the highest and the best ask the lowest; the first of a queue has the lowest rank.
pub(super) const fn rank(order: &Order) -> (i128, u64) {
    match order.side {
        Side::Buy => (-order.price, order.arrival),
        Side::Sell => (order.price, order.arrival),
    }
}

const fn crosses(side: Side, limit: i128, price: i128) -> bool {
    match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    }
}

impl Auditor {
    pub(super) fn would_take(&self, venue: &Venue, side: Side, limit: i128) -> bool {
        let best = venue.queue(side.opposite()).next().and_then(|id| self.orders.get(&id));
        best.is_some_and(|order| crosses(side, limit, order.price))
    }

    /// Walks the other side of the book for an order; nothing is changed.
    pub(super) fn plan(&self, taker: &Taker) -> Plan {
        let mut plan = Plan { fills: Vec::new(), end: End::Empty, quantity: 0, quote: 0 };
        let Some(venue) = self.venues.get(&taker.market) else { return plan };
        let lot = i128::from(venue.market.filters.lot.step);
        let mut makers = venue.queue(taker.side.opposite()).filter_map(|id| self.orders.get(&id));
        loop {
            if taker.is_filled(&plan) {
                plan.end = End::Filled;
                return plan;
            }
            let Some(maker) = makers.next() else { return plan };
            if taker.limit.is_some_and(|limit| !crosses(taker.side, limit, maker.price)) {
                plan.end = End::Limit;
                return plan;
            }
            if taker.self_trade == SelfTrade::ExpireTaker && maker.account == taker.account {
                plan.end = End::SelfTrade;
                return plan;
            }
            let unit_price = maker.price * venue.quote_unit;
            let wanted = match taker.want {
                Want::Quantity(quantity) => quantity - plan.quantity,
                Want::Quote(quote) => (quote - plan.quote) / unit_price / lot * lot,
            };
            let quantity = wanted.min(maker.remaining);
            if quantity == 0 {
                plan.end = End::Budget;
                return plan;
            }
            plan.fills.push((maker.id, quantity));
            plan.quantity += quantity;
            plan.quote += quantity * unit_price;
            if quantity < maker.remaining && !taker.is_filled(&plan) {
                plan.end = End::Budget;
                return plan;
            }
        }
    }

    /// Reads the trades of a plan from the answer, checks each, and follows it.
    pub(super) fn trades(&mut self, taker: &Taker, plan: &Plan, answer: &mut Answer<'_>) -> Checked {
        for &(maker, quantity) in &plan.fills {
            let found = answer.next();
            let Some(event @ model::Event::Trade(trade)) = found else {
                return Err((Rule::Event, format!("expected a trade of {quantity} with {maker}, found {found:?}")));
            };
            self.check_trade(taker, maker, quantity, trade)?;
            self.post(event)?;
            self.fill(maker, trade)?;
        }
        Ok(())
    }

    fn check_trade(&self, taker: &Taker, maker: OrderId, quantity: i128, trade: &Trade) -> Checked {
        let (Some(maker), Some(venue)) = (self.orders.get(&maker), self.venues.get(&taker.market)) else {
            return Err((Rule::Event, format!("a trade with {maker}, which is not open")));
        };
        let (fees, base) = (venue.market.fees, quantity * venue.base_unit);
        let quote = maker.price * quantity * venue.quote_unit;
        ensure!(
            trade.maker_order == maker.id && trade.maker_account == maker.account,
            Rule::Priority,
            "{trade:?} is not with {maker:?}, the best and oldest"
        );
        ensure!(
            (trade.market, trade.taker_order, trade.taker_account, trade.taker_side)
                == (taker.market, taker.id, taker.account, taker.side),
            Rule::Event,
            "{trade:?} is not of {taker:?}"
        );
        ensure!(trade.trade.0 == venue.last_trade + 1, Rule::Event, "{trade:?} follows trade {}", venue.last_trade);
        ensure!(i128::from(trade.price.0) == maker.price, Rule::Price, "{trade:?} is not at {}", maker.price);
        let is_fair = taker.limit.is_none_or(|limit| crosses(taker.side, limit, trade.price.0.into()));
        ensure!(is_fair, Rule::Price, "{trade:?} is beyond the limit {:?}", taker.limit);
        ensure!(i128::from(trade.quantity.0) == quantity, Rule::Quantity, "{trade:?} is not over {quantity}");
        ensure!(trade.quantity.0 > 0, Rule::Quantity, "{trade:?} is over nothing");
        ensure!(trade.quote == amount(quote)?, Rule::Quantity, "{trade:?} is not for {quote}");
        let left = maker.remaining - quantity;
        ensure!(i128::from(trade.maker_remaining.0) == left, Rule::Quantity, "{trade:?} does not leave {left}");
        let (maker_receives, taker_receives) = if taker.side == Side::Buy { (quote, base) } else { (base, quote) };
        let (maker_fee, maker_rounding) = fee(maker_receives, maker.maker_ppm);
        let (taker_fee, taker_rounding) = fee(taker_receives, fees.taker_ppm);
        ensure!(
            trade.maker_fee == amount(maker_fee)?
                && trade.taker_fee == amount(taker_fee)?
                && trade.rounding == [maker_rounding, taker_rounding],
            Rule::Fee,
            "{trade:?} has not the fees {maker_fee} and {taker_fee}"
        );
        Ok(())
    }

    /// Follows a checked trade in the maker's order and the market.
    fn fill(&mut self, maker: OrderId, trade: &Trade) -> Checked {
        let time = self.time;
        let (Some(order), Some(venue)) = (self.orders.get_mut(&maker), self.venues.get_mut(&trade.market)) else {
            return Err((Rule::Event, format!("a trade with {maker}, which is not open")));
        };
        venue.last_trade = trade.trade.0;
        venue.last_price = trade.price.0.into();
        order.remaining -= i128::from(trade.quantity.0);
        order.filled_quote += i128::from(trade.quote.0);
        order.updated = time;
        if order.remaining == 0 {
            venue.queue_mut(order.side).remove(&rank(order));
            self.orders.remove(&maker);
        }
        Ok(())
    }
}

/// Parts per million of what is received, rounded up; and the unit that rounding added.
fn fee(received: i128, ppm: u32) -> (i128, u8) {
    let millionths = received * i128::from(ppm);
    let fee = (millionths + 999_999) / 1_000_000;
    (fee, u8::from(fee * 1_000_000 != millionths))
}
