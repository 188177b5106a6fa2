//! Order lists: how they are placed, and what the end of one of their orders means for the others.

use model::{
    ClientOrderId, CloseReason, Closed, Event, ListId, ListKind, OrderId, OrderType, Place, PlaceList, Reject, Side,
};

use super::rules::Role;
use super::state::{List, Stand};
use super::{Auditor, amount, price, quantity};

impl Auditor {
    pub(super) fn place_list(&mut self, list: &PlaceList) {
        let first = &list.orders[0];
        if let Some(reason) = self.list_rules(list).into_iter().min() {
            return self.refuse(first.account, reason);
        }
        self.last_list += 1;
        let id = ListId(self.last_list);
        let mut orders = [OrderId(0); 3];
        for (at, slot) in orders.iter_mut().take(list.orders().len()).enumerate() {
            *slot = OrderId(self.last_order + 1 + at as u64);
        }
        let (account, market, kind, client_id) = (first.account, first.market, list.kind, list.client_id);
        self.lists.insert(id, List { id, account, market, kind, orders, client_id });
        self.emit(Event::ListPlaced { list: id, account, market, kind, orders, client_id });
        for place in list.orders() {
            self.accept(place, id);
        }
        match kind {
            ListKind::Oco => {
                for id in [orders[0], orders[1]] {
                    self.begin(id);
                }
            }
            ListKind::Oto | ListKind::Otoco => {
                for id in orders.into_iter().skip(1).filter(|id| *id != OrderId(0)) {
                    self.wait_for_list(id);
                }
                self.begin(orders[0]);
            }
        }
        self.take_queue(market);
    }

    fn list_rules(&self, list: &PlaceList) -> Vec<Reject> {
        let orders = list.orders();
        let mut broken = Vec::new();
        for (at, place) in orders.iter().enumerate() {
            let role = match (list.kind, at) {
                (ListKind::Oco, _) => Role::Paired,
                (_, 0) => Role::Alone,
                _ => Role::Pending,
            };
            // All are judged where the first one is.
            let there = Place { account: orders[0].account, market: orders[0].market, ..*place };
            broken.extend(self.place_rules(&there, role, &orders[..at]));
            if place.market != orders[0].market || place.account != orders[0].account {
                broken.push(Reject::InvalidList);
            }
        }
        if !self.hangs_together(list) {
            broken.push(Reject::InvalidList);
        }
        let has_name = |other: &List| other.account == orders[0].account && other.client_id == list.client_id;
        if !list.client_id.is_empty() && self.lists.values().any(has_name) {
            broken.push(Reject::DuplicateListId);
        }
        if let (ListKind::Oco, Some(venue)) = (list.kind, self.venues.get(&orders[0].market)) {
            let need = |place: &Place| {
                let (at, size) = (self.held_price(place).unwrap_or(0), i128::from(place.quantity.0));
                venue.cost(place.side, at, size)
            };
            let together = need(&orders[0]).max(need(&orders[1]));
            if self.available(orders[0].account, venue.paid_by(orders[0].side)) < together {
                broken.push(Reject::InsufficientBalance);
            }
        }
        broken
    }

    fn hangs_together(&self, list: &PlaceList) -> bool {
        let orders = list.orders();
        match list.kind {
            ListKind::Oco => {
                let last = self.venues.get(&orders[0].market).map_or(0, |venue| venue.last_price);
                is_pair(&orders[0], &orders[1]) && orders.iter().all(|place| maker_is_beyond(place, last))
            }
            ListKind::Oto => {
                works(&orders[0]) && (orders[1].order_type != OrderType::Market || orders[1].quote_quantity.0 == 0)
            }
            ListKind::Otoco => works(&orders[0]) && is_pair(&orders[1], &orders[2]),
        }
    }

    /// The open orders of a list, in its order.
    pub(super) fn members(&self, id: ListId) -> Vec<OrderId> {
        let orders = self.lists.get(&id).map(|list| list.orders).unwrap_or_default();
        orders.into_iter().filter(|id| self.orders.contains_key(id)).collect()
    }

    /// The other order of its pair, while it is open.
    pub(super) fn partner(&self, id: OrderId) -> Option<OrderId> {
        let pair = self.lists.get(&self.order(id).list)?.pair()?;
        if !pair.contains(&id) {
            return None;
        }
        pair.into_iter().find(|other| *other != id && self.orders.contains_key(other))
    }

    /// An order of a pair executed or triggered: the other ends.
    pub(super) fn end_partner(&mut self, id: OrderId) {
        if let Some(partner) = self.partner(id) {
            self.close_alone(partner, CloseReason::ListDone, ClientOrderId::EMPTY);
        }
    }

    /// Ends an order otherwise than by filling it, and with it all others of its list.
    pub(super) fn close(&mut self, id: OrderId, reason: CloseReason, request_id: ClientOrderId) {
        let list = self.order(id).list;
        self.close_alone(id, reason, request_id);
        let (reason, request_id) = match reason {
            CloseReason::Cancelled | CloseReason::MarketCancelled | CloseReason::Countdown => (reason, request_id),
            _ => (CloseReason::ListDone, ClientOrderId::EMPTY),
        };
        for other in self.members(list) {
            self.close_alone(other, reason, request_id);
        }
        self.end_list(list);
    }

    pub(super) fn close_alone(&mut self, id: OrderId, reason: CloseReason, request_id: ClientOrderId) {
        let order = *self.order(id);
        self.forget(id);
        self.emit(Event::Closed(Closed {
            order: id,
            account: order.account,
            market: order.market,
            side: order.side,
            reason,
            price: price(order.price),
            remaining: quantity(if order.budget.is_some() { 0 } else { order.remaining }),
            visible: quantity(if order.stand == Stand::Book { order.shown } else { 0 }),
            released: amount(order.held),
            request_id,
        }));
    }

    /// Takes an order out of the model.
    fn forget(&mut self, id: OrderId) {
        let order = *self.order(id);
        self.orders.remove(&id);
        let venue = self.venue_mut(order.market);
        for together in &mut venue.queue {
            together.retain(|other| *other != id);
        }
        venue.queue.retain(|together| !together.is_empty());
    }

    /// An order has all that it wanted. When others waited for that, they join the queue together.
    pub(super) fn fill(&mut self, id: OrderId) {
        let order = *self.order(id);
        self.forget(id);
        let list = self.lists.get(&order.list).copied();
        if list.and_then(|list| list.working()) == Some(id) {
            let pending = self.members(order.list);
            for other in &pending {
                self.order_mut(*other).stand = Stand::Queued;
            }
            if !pending.is_empty() {
                self.venue_mut(order.market).queue.push(pending);
            }
        }
        self.end_list(order.list);
    }

    /// Tells when the last order of a list is gone.
    pub(super) fn end_list(&mut self, id: ListId) {
        if self.members(id).is_empty()
            && let Some(list) = self.lists.remove(&id)
        {
            self.emit(Event::ListDone { list: id, account: list.account, market: list.market });
        }
    }
}

/// Whether it can be the order that others wait for.
const fn works(place: &Place) -> bool {
    matches!(place.order_type, OrderType::Limit | OrderType::LimitMaker)
}

/// Whether the two can be a pair: one takes profit and one stops a loss, over one quantity, on two sides of the price.
fn is_pair(one: &Place, other: &Place) -> bool {
    let takes_profit = |place: &Place| {
        matches!(place.order_type, OrderType::LimitMaker | OrderType::TakeProfit | OrderType::TakeProfitLimit)
    };
    let stops = |place: &Place| matches!(place.order_type, OrderType::StopLoss | OrderType::StopLossLimit);
    let (profit, stop) = match (takes_profit(one), stops(other), stops(one), takes_profit(other)) {
        (true, true, _, _) => (one, other),
        (_, _, true, true) => (other, one),
        _ => return false,
    };
    if profit.side != stop.side || profit.quantity != stop.quantity {
        return false;
    }
    let above = if profit.order_type == OrderType::LimitMaker { profit.price } else { profit.stop_price };
    if above.0 == 0 || stop.stop_price.0 == 0 {
        return true;
    }
    match profit.side {
        Side::Sell => above > stop.stop_price,
        Side::Buy => above < stop.stop_price,
    }
}

/// Whether a LIMIT_MAKER of a pair is on the far side of the last price.
fn maker_is_beyond(place: &Place, last: i128) -> bool {
    if place.order_type != OrderType::LimitMaker || last == 0 {
        return true;
    }
    match place.side {
        Side::Sell => i128::from(place.price.0) > last,
        Side::Buy => i128::from(place.price.0) < last,
    }
}
