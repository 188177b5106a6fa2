//! An order that comes in meets the book: trade by trade, then it rests or ends, then it is looked at what its prices trigger.

use model::{AssetId, ClientOrderId, CloseReason, Event, MarketState, OrderId, Side, TimeInForce, Trade, TradeId};

use super::book::Question;
use super::fees::{Fee, fee};
use super::state::{Order, Stand, crosses};
use super::{Auditor, amount, price, quantity};

/// Why an order stops trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nobody offers what its limit takes.
    Nobody,
    /// What it can pay does not buy a lot.
    Budget,
    /// It is filled, or closed already.
    Gone,
    /// The next trade would be too far from the window's reference.
    Volatility,
    /// A rebate does not fit.
    Overflow,
}

/// Two orders that trade.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub(super) maker: OrderId,
    pub(super) taker: OrderId,
    pub(super) price: i128,
    pub(super) quantity: i128,
    pub(super) auction: bool,
}

impl Auditor {
    /// Lets an order meet the book that stands as coming in, its hold given up; then triggers are looked at.
    pub(super) fn come(&mut self, id: OrderId) {
        let market = self.order(id).market;
        let mut prices = Vec::new();
        let end =
            if self.venue(market).state == MarketState::Trading { self.meet(id, &mut prices) } else { End::Nobody };
        self.end(id, end);
        if let (Some(&first), Some(&last)) = (prices.first(), prices.last()) {
            self.look_at(market, first);
            if last != first {
                self.look_at(market, last);
            }
        }
    }

    fn end(&mut self, id: OrderId, end: End) {
        let Some(order) = self.orders.get(&id).copied() else { return };
        let may_rest = matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd) && order.limit().is_some();
        match end {
            End::Gone => {}
            End::Overflow => self.close(id, CloseReason::Overflow, ClientOrderId::EMPTY),
            // A quote amount that is used up to less than a lot is filled.
            End::Budget if order.budget.is_some() && order.filled_quote > 0 => self.fill(id),
            End::Nobody | End::Volatility if may_rest => self.rest(id),
            End::Nobody | End::Volatility | End::Budget => {
                self.close(id, CloseReason::Expired, ClientOrderId::EMPTY);
            }
        }
    }

    /// Trades until nothing more can; gives why, and the prices.
    fn meet(&mut self, id: OrderId, prices: &mut Vec<i128>) -> End {
        if self.order(id).time_in_force == TimeInForce::Fok && !self.walk(self.order(id), Question::Fill).is_full {
            return End::Nobody;
        }
        self.begin_window(self.order(id).market);
        loop {
            let Some(taker) = self.orders.get(&id).copied() else { return End::Gone };
            if taker.budget == Some(0) {
                return End::Budget;
            }
            let Some(maker) = self.best(taker.market, taker.side.opposite()) else { return End::Nobody };
            if taker.limit().is_some_and(|limit| !crosses(taker.side, limit, maker.price)) {
                return End::Nobody;
            }
            let wanted = self.wanted_of(&taker, &maker).min(maker.shown);
            if wanted == 0 {
                return End::Budget;
            }
            if self.prevents(&taker, &maker) {
                self.prevent(&taker, &maker, wanted);
                continue;
            }
            if self.is_too_far(taker.market, maker.price) {
                self.halt_for_volatility(taker.market);
                return End::Volatility;
            }
            let it = Match { maker: maker.id, taker: id, price: maker.price, quantity: wanted, auction: false };
            let fees = self.fees_of(&it);
            if fees.iter().any(|&(asset, fee)| self.rebate_overflows(asset, fee)) {
                return End::Overflow;
            }
            prices.push(maker.price);
            self.trade(&it);
        }
    }

    /// How much the taker wants at the maker's price. A market order by quote takes whole lots of what is left of it, one
    /// that waited takes whole lots of what its account can pay.
    fn wanted_of(&self, taker: &Order, maker: &Order) -> i128 {
        let venue = self.venue(taker.market);
        let unit_price = venue.quote(maker.price, 1);
        let lots = |quantity: i128| quantity / venue.lot() * venue.lot();
        if let Some(budget) = taker.budget {
            return lots(budget / unit_price);
        }
        if taker.limit().is_some() || !taker.waited {
            return taker.remaining;
        }
        let available = self.available(taker.account, venue.paid_by(taker.side));
        let affordable = available / if taker.side == Side::Buy { unit_price } else { venue.base_unit };
        if taker.remaining <= affordable { taker.remaining } else { lots(affordable) }
    }

    /// What the maker and the taker of a trade pay as fees, each with the asset that it receives.
    fn fees_of(&self, it: &Match) -> [(AssetId, Fee); 2] {
        let (maker, taker) = (self.order(it.maker), self.order(it.taker));
        let venue = self.venue(maker.market);
        let received = |side| match side {
            Side::Buy => (venue.market.base, venue.base(it.quantity)),
            Side::Sell => (venue.market.quote, venue.quote(it.price, it.quantity)),
        };
        // Rebates are not paid in an auction.
        let rate = |ppm: i128| if it.auction { ppm.max(0) } else { ppm };
        let of = |order: &Order, ppm| {
            let (asset, amount) = received(order.side);
            (asset, fee(amount, rate(ppm)))
        };
        [of(maker, maker.maker_ppm), of(taker, taker.taker_ppm)]
    }

    /// Makes a trade, and all that follows from it for the two orders and their lists.
    pub(super) fn trade(&mut self, it: &Match) {
        let [(_, maker_fee), (_, taker_fee)] = self.fees_of(it);
        let (maker, taker) = (*self.order(it.maker), *self.order(it.taker));
        let time = self.time;
        let venue = self.venue_mut(maker.market);
        venue.last_trade += 1;
        venue.last_price = it.price;
        let trade_id = TradeId(venue.last_trade);
        let quote = venue.quote(it.price, it.quantity);
        let buyer = if taker.side == Side::Buy { &taker } else { &maker };
        let beyond = if it.auction { venue.quote(buyer.price - it.price, it.quantity) } else { 0 };
        for order in [&maker, &taker] {
            let own = self.order_mut(order.id);
            own.filled_quote += quote;
            own.updated = time;
            match &mut own.budget {
                Some(budget) => *budget -= quote,
                None => own.remaining -= it.quantity,
            }
            if own.stand == Stand::Book {
                own.shown -= it.quantity;
                self.pay_from_hold(order.id, it.quantity);
            }
        }
        let left = |order: &Order| if order.budget.is_some() { 0 } else { order.remaining - it.quantity };
        self.emit(Event::Trade(Trade {
            trade: trade_id,
            market: maker.market,
            taker_side: taker.side,
            auction: it.auction,
            price: price(it.price),
            quantity: quantity(it.quantity),
            quote: amount(quote),
            maker_order: maker.id,
            taker_order: taker.id,
            maker_account: maker.account,
            taker_account: taker.account,
            maker_fee: amount(maker_fee.amount),
            taker_fee: amount(taker_fee.amount),
            rounding: [maker_fee.rounding, taker_fee.rounding],
            maker_remaining: quantity(left(&maker)),
            taker_remaining: quantity(left(&taker)),
            released: amount(beyond),
        }));
        self.after_trade(it.maker);
        self.after_trade(it.taker);
    }

    /// What a trade means for one of its orders: it ends its partner, it is filled, or its next part is shown.
    fn after_trade(&mut self, id: OrderId) {
        let order = *self.order(id);
        if order.stand == Stand::Book {
            self.end_partner(id);
        }
        if order.remaining == 0 && order.budget.is_none() {
            self.fill(id);
        } else if order.stand == Stand::Book && order.shown == 0 {
            self.refill(id);
        }
    }

    /// Shows the next part of an iceberg, behind all others of its price.
    pub(super) fn refill(&mut self, id: OrderId) {
        let visible = self.put_into_book(id);
        let order = *self.order(id);
        self.emit(Event::Refilled {
            order: id,
            market: order.market,
            side: order.side,
            price: price(order.price),
            visible: quantity(visible),
        });
    }

    /// What is left of an order rests.
    fn rest(&mut self, id: OrderId) {
        let visible = self.put_into_book(id);
        let time = self.time;
        let held = self.make_hold(id);
        let order = self.order_mut(id);
        order.updated = time;
        let order = *order;
        self.emit(Event::Rested {
            order: id,
            account: order.account,
            market: order.market,
            side: order.side,
            price: price(order.price),
            remaining: quantity(order.remaining),
            visible: quantity(visible),
            held: amount(held),
        });
    }
}
