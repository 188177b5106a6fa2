//! How the naive exchange matches: it looks at all orders for the best, each time.

use model::{
    Amount, ClientOrderId, CloseReason, Closed, Event, MarketId, OpenOrder, OrderId, OrderType, Prevented, PreventedId,
    Price, Quantity, SelfTrade, Side, Trade, TradeId, Wait, system,
};

use super::{Exchange, market, scale};

/// An order that comes in.
struct Incoming {
    open: OpenOrder,
    /// What is left of its quote amount, when it goes by that.
    budget: Option<i64>,
    end: Option<CloseReason>,
    done: bool,
}

/// One trade of two orders.
pub(super) struct Meeting {
    pub(super) quantity: i64,
    pub(super) price: i64,
    pub(super) auction: bool,
}

fn takes_any_price(order: &OpenOrder) -> bool {
    matches!(order.order_type, OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit)
}

impl Exchange {
    pub(super) fn resting(&self, market: MarketId, side: Side) -> impl Iterator<Item = &(u64, OpenOrder)> {
        let rests = move |order: &OpenOrder| order.market == market && order.side == side && order.visible.0 > 0;
        self.orders.values().filter(move |(_, order)| rests(order))
    }

    /// The order of a side that trades first.
    pub(super) fn first(&self, market: MarketId, side: Side) -> Option<OpenOrder> {
        let worth = |price: i64| if side == Side::Sell { price } else { -price };
        self.resting(market, side).min_by_key(|(priority, o)| (worth(o.price.0), *priority)).map(|(_, order)| *order)
    }

    fn best(&self, taker: &OpenOrder) -> Option<OpenOrder> {
        let best = self.first(taker.market, taker.side.opposite())?;
        let (limit, price) = (taker.price.0, best.price.0);
        let crosses = if taker.side == Side::Buy { price <= limit } else { price >= limit };
        (crosses || takes_any_price(taker)).then_some(best)
    }

    pub(super) fn enter(&mut self, taker: OpenOrder, budget: i64) {
        let mut taker = Incoming { open: taker, budget: Some(budget).filter(|&left| left > 0), end: None, done: false };
        // In an auction orders are collected.
        while !self.auctions.contains(&taker.open.market) && !taker.done && taker.end.is_none() {
            let Some(maker) = self.best(&taker.open) else { break };
            self.meet(&mut taker, maker);
        }
        let open = taker.open;
        if taker.done {
            self.traded(&open);
        } else if open.time_in_force.may_rest() && taker.end.is_none() && !takes_any_price(&open) {
            self.rest(open);
        } else {
            self.end_incoming(&open, taker.end.unwrap_or(CloseReason::Expired));
        }
    }

    fn end_incoming(&mut self, open: &OpenOrder, reason: CloseReason) {
        self.emit(Event::Closed(Closed {
            order: open.order,
            account: open.account,
            market: open.market,
            side: open.side,
            reason,
            price: open.price,
            remaining: open.remaining,
            visible: Quantity(0),
            released: Amount(0),
            request_id: ClientOrderId::EMPTY,
        }));
        self.ended(open, reason, ClientOrderId::EMPTY);
    }

    /// One trade, or one that self-trade prevention keeps from happening.
    fn meet(&mut self, taker: &mut Incoming, maker: OpenOrder) {
        let market = market(taker.open.market.0);
        let unit = market.quote_unit(scale(market.quote));
        let wanted = match taker.budget {
            Some(left) => left / (maker.price.0 * unit),
            None => taker.open.remaining.0,
        };
        let quantity = maker.visible.0.min(wanted);
        if quantity == 0 {
            // The rest of the budget buys nothing more: filled, if it bought anything.
            taker.done = taker.open.quantity.0 > 0;
            taker.end = (!taker.done).then_some(CloseReason::Expired);
            return;
        }
        let own = maker.account == taker.open.account && taker.open.self_trade != SelfTrade::None;
        if own {
            self.prevent(taker, maker, quantity);
        } else {
            let meeting = Meeting { quantity, price: maker.price.0, auction: false };
            self.trade(&mut taker.open, maker.order, &meeting);
        }
        if taker.budget.is_some() && !own {
            taker.open.quantity.0 += quantity;
        }
        let takes = !own || taker.open.self_trade == SelfTrade::Decrement;
        if let Some(left) = &mut taker.budget
            && takes
        {
            *left -= quantity * maker.price.0 * unit;
            taker.done = *left == 0 && taker.open.quantity.0 > 0;
            if *left == 0 && !taker.done {
                taker.end = Some(CloseReason::Expired);
            }
        } else if taker.budget.is_none() && taker.open.remaining.0 == 0 && taker.end.is_none() {
            taker.done = true;
        }
    }

    fn prevent(&mut self, taker: &mut Incoming, maker: OpenOrder, quantity: i64) {
        let mode = taker.open.self_trade;
        let last = self.last_prevented.entry(maker.market).or_default();
        *last = PreventedId(last.0 + 1);
        let prevented = *last;
        let decrement = mode == SelfTrade::Decrement;
        let ends_maker = matches!(mode, SelfTrade::ExpireMaker | SelfTrade::ExpireBoth);
        let ends_taker = matches!(mode, SelfTrade::ExpireTaker | SelfTrade::ExpireBoth);
        let maker_quantity = if decrement {
            quantity
        } else if ends_maker {
            maker.remaining.0
        } else {
            0
        };
        let taker_quantity = if decrement {
            quantity
        } else if ends_taker {
            taker.open.remaining.0
        } else {
            0
        };
        let taker_quantity = if taker.budget.is_some() { 0 } else { taker_quantity };
        let mut after = maker;
        after.prevented.0 += maker_quantity;
        if decrement {
            after.remaining.0 -= quantity;
            after.visible.0 -= quantity;
            after.held = Amount(Self::need(&after));
            taker.open.prevented.0 += taker_quantity;
            taker.open.remaining.0 -= taker_quantity;
        }
        let released = maker.held.0 - after.held.0;
        self.release(&maker, released);
        self.orders.get_mut(&maker.order).unwrap().1 = after;
        self.emit(Event::Prevented(Prevented {
            prevented,
            market: maker.market,
            taker_side: taker.open.side,
            mode,
            price: maker.price,
            maker_order: maker.order,
            taker_order: taker.open.order,
            maker_account: maker.account,
            taker_account: taker.open.account,
            maker_quantity: Quantity(maker_quantity),
            taker_quantity: Quantity(taker_quantity),
            maker_visible: Quantity(if decrement { quantity } else { 0 }),
            released: Amount(released),
            maker_remaining: if decrement { after.remaining } else { Quantity(0) },
        }));
        if ends_maker || after.remaining.0 == 0 {
            self.close(maker.order, CloseReason::SelfTrade, ClientOrderId::EMPTY);
        } else {
            self.refill(maker.order);
        }
        let nothing_left = taker.budget.is_none() && taker.open.remaining.0 == 0;
        taker.end = (ends_taker || nothing_left).then_some(CloseReason::SelfTrade);
    }

    pub(super) fn rest(&mut self, mut order: OpenOrder) {
        let held = Self::need(&order);
        order.held = Amount(held);
        let hides = order.iceberg.0 > 0 && order.iceberg.0 < order.remaining.0;
        order.visible = if hides { order.iceberg } else { order.remaining };
        self.release(&order, -held);
        self.priority += 1;
        self.orders.insert(order.order, (self.priority, order));
        self.emit(Event::Rested {
            order: order.order,
            account: order.account,
            market: order.market,
            side: order.side,
            price: order.price,
            remaining: order.remaining,
            visible: order.visible,
            held: order.held,
        });
    }

    /// Shows the next part of an iceberg whose shown part is gone.
    pub(super) fn refill(&mut self, order: OrderId) {
        let Some((priority, open)) = self.orders.get_mut(&order) else { return };
        if open.visible.0 > 0 {
            return;
        }
        self.priority += 1;
        *priority = self.priority;
        open.visible = Quantity(open.iceberg.0.min(open.remaining.0));
        let OpenOrder { order, market, side, price, visible, .. } = *open;
        self.emit(Event::Refilled { order, market, side, price, visible });
    }

    /// Emits a trade and what follows from it for the maker. In an auction both orders rest.
    pub(super) fn trade(&mut self, taker: &mut OpenOrder, maker: OrderId, meeting: &Meeting) {
        let Meeting { quantity, price, auction } = *meeting;
        let maker = self.orders[&maker].1;
        let market = market(taker.market.0);
        let quote = quantity * price * market.quote_unit(scale(market.quote));
        let base = quantity * market.base_unit(scale(market.base));
        let (pays, paid, receives, received) = if taker.side == Side::Buy {
            (market.quote, quote, market.base, base)
        } else {
            (market.base, base, market.quote, quote)
        };
        let fees = market.fees.unwrap();
        let fee = |amount: i64, ppm: i32| {
            let ppm = if auction { ppm.max(0) } else { ppm };
            let exact = i128::from(amount) * i128::from(ppm);
            let down = exact.div_euclid(1_000_000) as i64;
            let up = u8::from(exact.rem_euclid(1_000_000) != 0);
            (down + i64::from(up), up)
        };
        // Both have rested in an auction: each pays its own rate on what it receives.
        let (maker_fee, maker_rounding) = fee(paid, fees.maker_ppm);
        let (taker_fee, taker_rounding) = fee(received, fees.taker_ppm);
        if !auction {
            self.pay(taker.account, pays, -paid, 0);
        }
        self.pay(taker.account, receives, received - taker_fee, 0);
        self.pay(maker.account, pays, paid - maker_fee, 0);
        self.pay(system::FEES, pays, maker_fee - i64::from(maker_rounding), 0);
        self.pay(system::FEES, receives, taker_fee - i64::from(taker_rounding), 0);
        self.pay(system::ROUNDING, pays, i64::from(maker_rounding), 0);
        self.pay(system::ROUNDING, receives, i64::from(taker_rounding), 0);
        let mut released = self.fill(maker.order, quantity, quote);
        if auction {
            released += self.fill(taker.order, quantity, quote);
            taker.remaining.0 -= quantity;
        } else {
            taker.filled_quote.0 += quote;
            if taker.order_type != OrderType::Market || taker.quantity.0 > 0 && taker.remaining.0 > 0 {
                taker.remaining.0 -= quantity;
            }
        }
        let remaining = Quantity(maker.remaining.0 - quantity);
        let last = self.last_trades.entry(taker.market).or_default();
        *last = (TradeId(last.0.0 + 1), Price(price));
        let trade = last.0;
        self.emit(Event::Trade(Trade {
            trade,
            market: taker.market,
            taker_side: taker.side,
            auction,
            price: Price(price),
            quantity: Quantity(quantity),
            quote: Amount(quote),
            maker_order: maker.order,
            taker_order: taker.order,
            maker_account: maker.account,
            taker_account: taker.account,
            maker_fee: Amount(maker_fee),
            taker_fee: Amount(taker_fee),
            rounding: [maker_rounding, taker_rounding],
            maker_remaining: remaining,
            taker_remaining: taker.remaining,
            released: Amount(released),
        }));
        for order in [Some(maker.order), auction.then_some(taker.order)].into_iter().flatten() {
            self.after_trade(order);
        }
    }

    /// Takes a traded part off a resting order. Gives what its owner gets back of what was held beyond the quote.
    fn fill(&mut self, order: OrderId, quantity: i64, quote: i64) -> i64 {
        let (_, open) = self.orders.get_mut(&order).unwrap();
        let before = open.held.0;
        open.remaining.0 -= quantity;
        open.visible.0 -= quantity;
        open.filled_quote.0 += quote;
        open.held = Amount(Self::need(open));
        let open = *open;
        let less = before - open.held.0;
        self.release(&open, less);
        let market = market(open.market.0);
        let (asset, paid) = if open.side == Side::Buy { (market.quote, quote) } else { (market.base, less) };
        self.pay(open.account, asset, -paid, 0);
        less - paid
    }

    fn after_trade(&mut self, order: OrderId) {
        let open = self.orders[&order].1;
        if open.remaining.0 == 0 {
            self.orders.remove(&order);
        } else {
            self.refill(order);
        }
        self.traded(&open);
        debug_assert_eq!(open.wait, Wait::Nothing);
    }
}
