//! Orders that change while they are open.

use model::{
    AccountId, Amend, Amended, Event, MarketId, MarketState, OrderId, OrderType, Price, Quantity, Reject, Side, Target,
};

use super::rules::inside;
use super::state::{Order, Stand};
use super::{Auditor, amount, price as as_price, quantity as as_quantity};

const fn allows_changes(state: MarketState) -> bool {
    matches!(state, MarketState::Trading | MarketState::PostOnly | MarketState::Auction)
}

impl Auditor {
    pub(super) fn amend(&mut self, amend: &Amend) {
        let found = self.find(amend.account, amend.market, &amend.target);
        let broken = match &found {
            Ok(id) => self.amend_rules(*id, amend),
            Err(broken) => broken.clone(),
        };
        if let Some(reason) = broken.into_iter().min() {
            return self.refuse(amend.account, reason);
        }
        let Ok(id) = found else { return };
        let both = [Some(id), self.partner(id)];
        let time = self.time;
        let mut less = Vec::new();
        for id in both.into_iter().flatten() {
            let order = self.order_mut(id);
            order.remaining -= order.quantity - i128::from(amend.quantity.0);
            order.quantity = amend.quantity.0.into();
            order.updated = time;
            let shown = order.shown.min(order.remaining);
            less.push((id, order.shown - shown));
            order.shown = shown;
        }
        if !amend.client_id.is_empty() {
            self.order_mut(id).client_id = amend.client_id;
        }
        // Both holds follow from both quantities.
        for (id, visible) in less {
            let held = self.rightful_hold(id);
            let order = self.order_mut(id);
            let released = order.held - held;
            order.held = held;
            let order = *order;
            self.emit(Event::Amended(Amended {
                order: id,
                account: order.account,
                market: order.market,
                side: order.side,
                price: as_price(order.price),
                quantity: amend.quantity,
                remaining: as_quantity(order.remaining),
                visible: as_quantity(visible),
                released: amount(released),
                client_id: order.client_id,
            }));
        }
    }

    fn amend_rules(&self, id: OrderId, amend: &Amend) -> Vec<Reject> {
        let mut broken = Vec::new();
        let venue = self.venue(amend.market);
        if !allows_changes(venue.state) {
            broken.push(Reject::MarketClosed);
        }
        if !inside(&venue.market.filters.lot, amend.quantity.0) {
            broken.push(Reject::LotSize);
        }
        let has_name =
            |order: &Order| order.id != id && order.account == amend.account && order.client_id == amend.client_id;
        if !amend.client_id.is_empty() && self.orders.values().any(has_name) {
            broken.push(Reject::DuplicateClientId);
        }
        let fits = |order: &Order| {
            let quantity = i128::from(amend.quantity.0);
            order.budget.is_none() && order.quantity - order.remaining < quantity && quantity < order.quantity
        };
        let both = [Some(id), self.partner(id)];
        if !both.into_iter().flatten().all(|id| fits(self.order(id))) {
            broken.push(Reject::CannotAmend);
        }
        broken
    }

    pub(super) fn modify(
        &mut self,
        account: AccountId,
        market: MarketId,
        id: OrderId,
        price: Price,
        quantity: Quantity,
    ) {
        let found = self.find(account, market, &Target::Order(id));
        let broken = match &found {
            Ok(id) => self.modify_rules(*id, price.0, quantity.0),
            Err(broken) => broken.clone(),
        };
        if let Some(reason) = broken.into_iter().min() {
            return self.refuse(account, reason);
        }
        let old = *self.order(id);
        let time = self.time;
        let order = self.order_mut(id);
        order.quantity = old.quantity - old.remaining + i128::from(quantity.0);
        order.remaining = quantity.0.into();
        (order.price, order.held_price) = (price.0.into(), price.0.into());
        (order.stand, order.held, order.shown, order.updated) = (Stand::Coming, 0, 0, time);
        self.emit(Event::Modified {
            order: id,
            account,
            market,
            side: old.side,
            old_price: as_price(old.price),
            old_remaining: as_quantity(old.remaining),
            old_visible: as_quantity(old.shown),
            price,
            quantity,
            released: amount(old.held),
        });
        self.come(id);
        self.take_queue(market);
    }

    fn modify_rules(&self, id: OrderId, price: i64, quantity: i64) -> Vec<Reject> {
        let mut broken = Vec::new();
        let order = self.order(id);
        let venue = self.venue(order.market);
        let size = i128::from(quantity);
        if !allows_changes(venue.state) {
            broken.push(Reject::MarketClosed);
        }
        venue.limit_rules(price, quantity, &mut broken);
        if order.quantity - order.remaining + size > super::MOST {
            broken.push(Reject::AmountOverflow);
        }
        // A LIMIT_MAKER does not cross in any state.
        let must_rest = venue.state == MarketState::PostOnly || order.order_type == OrderType::LimitMaker;
        if must_rest && self.would_take(order.market, order.side, price.into()) {
            broken.push(Reject::WouldTake);
        }
        if !venue.is_near(order.side, price.into()) {
            broken.push(Reject::PercentPrice);
        }
        if order.side == Side::Buy && self.exceeds_position(order.account, venue, size - order.remaining) {
            broken.push(Reject::MaxPosition);
        }
        if order.stand != Stand::Book || order.list != model::ListId(0) {
            broken.push(Reject::CannotModify);
        }
        let cost = venue.cost(order.side, price.into(), size);
        if self.available(order.account, venue.paid_by(order.side)) + order.held < cost {
            broken.push(Reject::InsufficientBalance);
        }
        broken
    }
}
