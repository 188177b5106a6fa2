//! How the naive exchange matches: it looks at all orders for the best, each time.

use model::{
    Amount, AssetId, ClientOrderId, CloseReason, Closed, Event, OpenOrder, OrderType, Quantity, SelfTrade, Side,
    TimeInForce, Trade, TradeId, system,
};

use super::{Exchange, MAKER_PPM, TAKER_PPM, market, scale};

impl Exchange {
    fn best(&self, taker: &OpenOrder) -> Option<OpenOrder> {
        let others = self.orders.values().filter(|(_, o)| o.market == taker.market && o.side != taker.side);
        let worth = |price: i64| if taker.side == Side::Buy { price } else { -price };
        let (_, best) = others.min_by_key(|(priority, o)| (worth(o.price.0), *priority))?;
        let crosses = taker.order_type == OrderType::Market || worth(best.price.0) <= worth(taker.price.0);
        crosses.then_some(*best)
    }

    pub(super) fn enter(&mut self, mut taker: OpenOrder, budget: i64) {
        let market = market(taker.market.0);
        let quote_unit = market.quote_unit(scale(market.quote));
        let mut budget_left = budget;
        let by_quote = budget > 0;
        let mut reason = CloseReason::Expired;
        let mut done = false;
        while by_quote || taker.remaining.0 > 0 {
            let Some(maker) = self.best(&taker) else { break };
            if maker.account == taker.account && taker.self_trade == SelfTrade::ExpireTaker {
                reason = CloseReason::SelfTrade;
                break;
            }
            let mut quantity = maker.remaining.0;
            if by_quote {
                quantity = quantity.min(budget_left / (maker.price.0 * quote_unit));
            } else {
                quantity = quantity.min(taker.remaining.0);
            }
            if quantity == 0 {
                // The rest of the budget buys nothing more: filled, if it bought anything.
                done = taker.quantity.0 > 0;
                break;
            }
            let quote = quantity * maker.price.0 * quote_unit;
            self.trade(&mut taker, maker, quantity, quote);
            budget_left -= quote;
            if by_quote {
                taker.quantity.0 += quantity;
                done = budget_left == 0;
                if done {
                    break;
                }
            } else {
                taker.remaining.0 -= quantity;
                done = taker.remaining.0 == 0;
            }
        }
        if done {
            return;
        }
        if taker.time_in_force == TimeInForce::Gtc && reason != CloseReason::SelfTrade {
            self.rest(taker);
            return;
        }
        let (order, account, side, price) = (taker.order, taker.account, taker.side, taker.price);
        self.emit(Event::Closed(Closed {
            order,
            account,
            market: taker.market,
            side,
            reason,
            price,
            remaining: taker.remaining,
            released: Amount(0),
            request_id: ClientOrderId::EMPTY,
        }));
    }

    pub(super) fn held(order: &OpenOrder) -> (AssetId, i64) {
        let market = market(order.market.0);
        if order.side == Side::Buy {
            (market.quote, order.price.0 * order.remaining.0 * market.quote_unit(scale(market.quote)))
        } else {
            (market.base, order.remaining.0 * market.base_unit(scale(market.base)))
        }
    }

    pub(super) fn rest(&mut self, order: OpenOrder) {
        let (asset, held) = Self::held(&order);
        self.pay(order.account, asset, -held, held);
        self.priority += 1;
        self.orders.insert(order.order, (self.priority, order));
        self.emit(Event::Rested {
            order: order.order,
            account: order.account,
            market: order.market,
            side: order.side,
            price: order.price,
            remaining: order.remaining,
            held: Amount(held),
        });
    }

    fn trade(&mut self, taker: &mut OpenOrder, maker: OpenOrder, quantity: i64, quote: i64) {
        let market = market(taker.market.0);
        let base = quantity * market.base_unit(scale(market.base));
        let (pays, paid, receives, received) = if taker.side == Side::Buy {
            (market.quote, quote, market.base, base)
        } else {
            (market.base, base, market.quote, quote)
        };
        let fee = |amount: i64, ppm: i64| {
            let exact = i128::from(amount) * i128::from(ppm);
            let down = (exact / 1_000_000) as i64;
            let up = u8::from(exact % 1_000_000 != 0);
            (down + i64::from(up), up)
        };
        let (maker_fee, maker_rounding) = fee(paid, MAKER_PPM);
        let (taker_fee, taker_rounding) = fee(received, TAKER_PPM);
        self.pay(taker.account, pays, -paid, 0);
        self.pay(taker.account, receives, received - taker_fee, 0);
        self.pay(maker.account, receives, 0, -received);
        self.pay(maker.account, pays, paid - maker_fee, 0);
        self.pay(system::FEES, pays, maker_fee - i64::from(maker_rounding), 0);
        self.pay(system::FEES, receives, taker_fee - i64::from(taker_rounding), 0);
        self.pay(system::ROUNDING, pays, i64::from(maker_rounding), 0);
        self.pay(system::ROUNDING, receives, i64::from(taker_rounding), 0);
        taker.filled_quote.0 += quote;
        let remaining = Quantity(maker.remaining.0 - quantity);
        if remaining.0 == 0 {
            self.orders.remove(&maker.order);
        } else if let Some((_, open)) = self.orders.get_mut(&maker.order) {
            open.remaining = remaining;
            open.filled_quote.0 += quote;
        }
        let last = self.last_trades.entry(taker.market).or_default();
        *last = (TradeId(last.0.0 + 1), maker.price);
        let trade = last.0;
        self.emit(Event::Trade(Trade {
            trade,
            market: taker.market,
            taker_side: taker.side,
            price: maker.price,
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
        }));
    }
}
