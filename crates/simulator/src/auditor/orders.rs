//! Commands over orders.

use model::{
    AccountId, CancelReplace, ClientOrderId, CloseReason, Closed, Event, MarketId, OrderId, OrderType, Place, Price,
    Quantity, Reject, ReplaceMode, Target, TimeInForce,
};

use super::matching::{End, Taker, Want, rank};
use super::{Answer, Auditor, Checked, Order, Rule, amount, ensure};

impl Auditor {
    pub(super) fn place(&mut self, place: &Place, answer: &mut Answer<'_>) -> Checked {
        if let Some(reason) = self.place_rules(place).into_iter().min() {
            return self.refused(answer, place.account, reason);
        }
        self.last_order += 1;
        let taker = Taker { id: OrderId(self.last_order), ..Taker::of_place(place) };
        self.expect(
            answer,
            Event::Accepted(model::Accepted {
                order: taker.id,
                account: place.account,
                market: place.market,
                side: place.side,
                order_type: place.order_type,
                time_in_force: place.time_in_force,
                self_trade: place.self_trade,
                price: place.price,
                quantity: place.quantity,
                quote_quantity: place.quote_quantity,
                client_id: place.client_id,
            }),
        )?;
        let plan = self.plan(&taker);
        if place.time_in_force == TimeInForce::Fok && plan.end != End::Filled {
            return self.expect_end(answer, &taker, CloseReason::Expired, place.quantity.0.into());
        }
        self.trades(&taker, &plan, answer)?;
        let left = match taker.want {
            Want::Quantity(quantity) => quantity - plan.quantity,
            Want::Quote(_) => 0,
        };
        let rests = place.order_type != OrderType::Market && place.time_in_force == TimeInForce::Gtc;
        match plan.end {
            End::Filled => Ok(()),
            // A quote amount that is used up to less than a lot is filled.
            End::Budget if plan.quantity > 0 => Ok(()),
            End::SelfTrade => self.expect_end(answer, &taker, CloseReason::SelfTrade, left),
            End::Limit | End::Empty if rests => {
                let maker_ppm = self.venues.get(&place.market).map_or(0, |venue| venue.market.fees.maker_ppm);
                let order = Order {
                    id: taker.id,
                    account: place.account,
                    market: place.market,
                    side: place.side,
                    order_type: place.order_type,
                    self_trade: place.self_trade,
                    price: place.price.0.into(),
                    quantity: place.quantity.0.into(),
                    remaining: left,
                    filled_quote: plan.quote,
                    maker_ppm,
                    client_id: place.client_id,
                    placed: self.time,
                    updated: self.time,
                    arrival: 0,
                };
                self.expect_rest(answer, order)
            }
            End::Limit | End::Empty | End::Budget => self.expect_end(answer, &taker, CloseReason::Expired, left),
        }
    }

    pub(super) fn modify(
        &mut self,
        account: AccountId,
        market: MarketId,
        id: OrderId,
        price: Price,
        quantity: Quantity,
        answer: &mut Answer<'_>,
    ) -> Checked {
        let found = self.find(account, market, &Target::Order(id));
        let broken = match (&found, self.venues.get(&market)) {
            (Ok(order), Some(venue)) => self.modify_rules(venue, order, price.0, quantity.0),
            (Err(broken), _) => broken.clone(),
            (Ok(_), None) => vec![Reject::UnknownMarket],
        };
        if let Some(reason) = broken.into_iter().min() {
            return self.refused(answer, account, reason);
        }
        let Ok(old) = found else { return Ok(()) };
        let released = self.take_out(&old)?;
        let modified = Event::Modified {
            order: id,
            account,
            market,
            side: old.side,
            old_price: Price(amount(old.price)?.0),
            old_remaining: Quantity(amount(old.remaining)?.0),
            price,
            quantity,
            released: amount(released)?,
        };
        self.expect(answer, modified)?;
        let taker = Taker {
            id,
            account,
            market,
            side: old.side,
            limit: Some(price.0.into()),
            self_trade: old.self_trade,
            want: Want::Quantity(quantity.0.into()),
        };
        let plan = self.plan(&taker);
        self.trades(&taker, &plan, answer)?;
        let left = i128::from(quantity.0) - plan.quantity;
        match plan.end {
            End::Filled => Ok(()),
            End::SelfTrade => self.expect_end(answer, &taker, CloseReason::SelfTrade, left),
            _ => {
                let order = Order {
                    price: price.0.into(),
                    quantity: old.quantity - old.remaining + i128::from(quantity.0),
                    remaining: left,
                    filled_quote: old.filled_quote + plan.quote,
                    updated: self.time,
                    ..old
                };
                self.expect_rest(answer, order)
            }
        }
    }

    /// A cancel that is refused changes nothing and gives its reason; who asked for it expects the event.
    pub(super) fn cancel(
        &mut self,
        account: AccountId,
        market: MarketId,
        target: &Target,
        request_id: ClientOrderId,
        answer: &mut Answer<'_>,
    ) -> Checked<Option<Reject>> {
        match self.find(account, market, target) {
            Ok(order) => self.expect_cancelled(answer, &order, request_id).map(|()| None),
            Err(broken) => Ok(broken.into_iter().min()),
        }
    }

    pub(super) fn cancel_all(
        &mut self,
        account: AccountId,
        market: Option<MarketId>,
        answer: &mut Answer<'_>,
    ) -> Checked {
        if market.is_some_and(|market| !self.venues.contains_key(&market)) {
            return self.refused(answer, account, Reject::UnknownMarket);
        }
        if !self.accounts.contains(&account) {
            return self.refused(answer, account, Reject::UnknownAccount);
        }
        let is_meant = |order: &&Order| order.account == account && market.is_none_or(|market| market == order.market);
        let mut own: Vec<Order> = self.orders.values().filter(is_meant).copied().collect();
        own.sort_by_key(|order| (order.market, order.id));
        for order in &own {
            self.expect_cancelled(answer, order, ClientOrderId::EMPTY)?;
        }
        let count = u32::try_from(own.len()).unwrap_or(u32::MAX);
        self.expect(answer, Event::AllCancelled { account, count })
    }

    pub(super) fn cancel_replace(&mut self, replace: &CancelReplace, answer: &mut Answer<'_>) -> Checked {
        let (account, market) = (replace.place.account, replace.place.market);
        if let Some(reason) = self.cancel(account, market, &replace.target, replace.cancel_id, answer)? {
            self.expect(answer, Event::CancelRejected { account, reason })?;
            if replace.mode == ReplaceMode::StopOnFailure {
                return Ok(());
            }
        }
        self.place(&replace.place, answer)
    }

    fn expect_cancelled(&mut self, answer: &mut Answer<'_>, order: &Order, request_id: ClientOrderId) -> Checked {
        let released = self.take_out(order)?;
        let closed = Closed {
            order: order.id,
            account: order.account,
            market: order.market,
            side: order.side,
            reason: CloseReason::Cancelled,
            price: Price(amount(order.price)?.0),
            remaining: Quantity(amount(order.remaining)?.0),
            released: amount(released)?,
            request_id,
        };
        self.expect(answer, Event::Closed(closed))
    }

    /// The end of an order that did not rest.
    fn expect_end(&mut self, answer: &mut Answer<'_>, taker: &Taker, reason: CloseReason, left: i128) -> Checked {
        let closed = Closed {
            order: taker.id,
            account: taker.account,
            market: taker.market,
            side: taker.side,
            reason,
            price: Price(amount(taker.limit.unwrap_or(0))?.0),
            remaining: Quantity(amount(left)?.0),
            released: amount(0)?,
            request_id: ClientOrderId::EMPTY,
        };
        self.expect(answer, Event::Closed(closed))
    }

    /// Puts an order behind all others of its price.
    fn expect_rest(&mut self, answer: &mut Answer<'_>, mut order: Order) -> Checked {
        self.arrivals += 1;
        order.arrival = self.arrivals;
        let Some(venue) = self.venues.get_mut(&order.market) else {
            return Err((Rule::Event, format!("{order:?} rests nowhere")));
        };
        venue.queue_mut(order.side).insert(rank(&order), order.id);
        let held = venue.needs(&order);
        self.orders.insert(order.id, order);
        let rested = Event::Rested {
            order: order.id,
            account: order.account,
            market: order.market,
            side: order.side,
            price: Price(amount(order.price)?.0),
            remaining: Quantity(amount(order.remaining)?.0),
            held: amount(held)?,
        };
        self.expect(answer, rested)
    }

    /// Takes an order out of its queue; gives what was held for it.
    fn take_out(&mut self, order: &Order) -> Checked<i128> {
        self.orders.remove(&order.id);
        let Some(venue) = self.venues.get_mut(&order.market) else {
            return Err((Rule::Event, format!("{order:?} rests nowhere")));
        };
        let found = venue.queue_mut(order.side).remove(&rank(order));
        ensure!(found == Some(order.id), Rule::Event, "{order:?} is not in its queue");
        Ok(venue.needs(order))
    }
}
