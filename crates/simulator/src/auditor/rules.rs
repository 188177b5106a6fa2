//! Which rules a command breaks: all of them, each judged by itself, so that the lowest number can be told.

use model::{AccountId, Amount, AssetId, MarketId, OrderType, Place, Range, Reject, Side, Target, TimeInForce, system};

use super::matching::Taker;
use super::{Auditor, Order, Venue};

/// The most that an amount of ledger units may be.
const MOST: i128 = i64::MAX as i128;

fn inside(range: &Range, value: i64) -> bool {
    (range.min..=range.max).contains(&value) && value % range.step == 0
}

fn goes_together(place: &Place) -> bool {
    match place.order_type {
        OrderType::Limit => place.quote_quantity.0 == 0,
        OrderType::LimitMaker => place.quote_quantity.0 == 0 && place.time_in_force == TimeInForce::Gtc,
        OrderType::Market => {
            let one_size = (place.quantity.0 == 0) != (place.quote_quantity.0 == 0);
            one_size && place.price.0 == 0 && place.time_in_force == TimeInForce::Ioc
        }
    }
}

impl Venue {
    fn notional_is_inside(&self, notional: i128) -> bool {
        let filters = &self.market.filters;
        (i128::from(filters.min_notional.0)..=i128::from(filters.max_notional.0)).contains(&notional)
    }

    /// Rules 41, 42, 44 and 45 of a limit, and what it costs at most in the asset that it pays.
    fn limit_rules(&self, side: Side, price: i64, quantity: i64, broken: &mut Vec<Reject>) -> i128 {
        let notional = i128::from(price) * i128::from(quantity) * self.quote_unit;
        let base = i128::from(quantity) * self.base_unit;
        if !inside(&self.market.filters.price, price) {
            broken.push(Reject::PriceFilter);
        }
        if !inside(&self.market.filters.lot, quantity) {
            broken.push(Reject::LotSize);
        }
        if !self.notional_is_inside(notional) {
            broken.push(Reject::Notional);
        }
        if base > MOST {
            broken.push(Reject::AmountOverflow);
        }
        if side == Side::Buy { notional } else { base }
    }

    /// Rules 42 to 45 of a market order, as far as the book is not asked.
    fn market_rules(&self, place: &Place, broken: &mut Vec<Reject>) {
        if place.quantity.0 == 0 {
            if !self.notional_is_inside(i128::from(place.quote_quantity.0)) {
                broken.push(Reject::Notional);
            }
            return;
        }
        if !inside(&self.market.filters.lot, place.quantity.0) {
            broken.push(Reject::LotSize);
        }
        if !inside(&self.market.filters.market_lot, place.quantity.0) {
            broken.push(Reject::MarketLotSize);
        }
        let last = self.last_price * i128::from(place.quantity.0) * self.quote_unit;
        if self.last_price > 0 && !self.notional_is_inside(last) {
            broken.push(Reject::Notional);
        }
        if i128::from(place.quantity.0) * self.base_unit > MOST {
            broken.push(Reject::AmountOverflow);
        }
    }
}

impl Auditor {
    pub(super) fn transfer_rules(&self, from: AccountId, to: AccountId, asset: AssetId, amount: Amount) -> Vec<Reject> {
        let mut broken = Vec::new();
        if !self.assets.contains_key(&asset) {
            broken.push(Reject::UnknownAsset);
        }
        if !self.knows(from) || !self.knows(to) {
            broken.push(Reject::UnknownAccount);
        }
        if amount.0 <= 0 {
            broken.push(Reject::InvalidAmount);
        }
        if from == to {
            broken.push(Reject::SameAccount);
        }
        let of = |account| self.available(account, asset);
        let moved = i128::from(amount.0);
        let outside = |account| account == system::CUSTODY || account == system::ADJUSTMENTS;
        if outside(from) {
            // All that users own came from the two accounts that stand for the outside.
            let issued = -(of(system::CUSTODY) + of(system::ADJUSTMENTS));
            let new_money = if outside(to) { 0 } else { moved };
            let overdrawn = of(from) - moved < -MOST;
            let overfull = outside(to) && of(to) + moved > MOST;
            if issued + new_money > MOST || overdrawn || overfull {
                broken.push(Reject::AmountOverflow);
            }
        } else if of(from) < moved {
            broken.push(Reject::InsufficientBalance);
        }
        broken
    }

    pub(super) fn hold_rules(&self, account: AccountId, asset: AssetId, amount: Amount) -> Vec<Reject> {
        let mut broken = Vec::new();
        if !self.assets.contains_key(&asset) {
            broken.push(Reject::UnknownAsset);
        }
        if !self.knows(account) || account == system::CUSTODY || account == system::ADJUSTMENTS {
            broken.push(Reject::UnknownAccount);
        }
        if amount.0 <= 0 {
            broken.push(Reject::InvalidAmount);
        }
        if self.available(account, asset) < i128::from(amount.0) {
            broken.push(Reject::InsufficientBalance);
        }
        broken
    }

    pub(super) fn place_rules(&self, place: &Place) -> Vec<Reject> {
        let mut broken = Vec::new();
        if !self.accounts.contains(&place.account) {
            broken.push(Reject::UnknownAccount);
        }
        if place.quote_quantity.0 < 0 {
            broken.push(Reject::InvalidAmount);
        }
        if !goes_together(place) {
            broken.push(Reject::InvalidOrder);
        }
        let Some(venue) = self.venues.get(&place.market) else {
            broken.push(Reject::UnknownMarket);
            return broken;
        };
        let is_market = place.order_type == OrderType::Market;
        let mut cost = 0;
        if is_market {
            venue.market_rules(place, &mut broken);
        } else {
            cost = venue.limit_rules(place.side, place.price.0, place.quantity.0, &mut broken);
        }
        let open = self.orders.values().filter(|order| order.account == place.account && order.market == place.market);
        let may_rest = !is_market && place.time_in_force == TimeInForce::Gtc;
        if may_rest && open.count() as u64 >= u64::from(venue.market.filters.max_open_orders) {
            broken.push(Reject::MaxOpenOrders);
        }
        let has_name = |order: &Order| order.account == place.account && order.client_id == place.client_id;
        if !place.client_id.is_empty() && self.orders.values().any(has_name) {
            broken.push(Reject::DuplicateClientId);
        }
        if place.order_type == OrderType::LimitMaker && self.would_take(venue, place.side, place.price.0.into()) {
            broken.push(Reject::WouldTake);
        }
        // What a market order costs can be asked of the book only when its parameters make sense.
        if is_market && broken.iter().all(|reason| *reason > Reject::AmountOverflow) {
            cost = self.market_cost(place, venue);
            if cost > MOST {
                broken.push(Reject::AmountOverflow);
            }
        }
        if self.payable(place.account, venue, place.side) < cost {
            broken.push(Reject::InsufficientBalance);
        }
        broken
    }

    /// A buy by quote amount and a sell by quantity say what they cost; the other two cost what the book makes of them.
    fn market_cost(&self, place: &Place, venue: &Venue) -> i128 {
        let by_quantity = place.quantity.0 != 0;
        match (place.side, by_quantity) {
            (Side::Buy, false) => place.quote_quantity.0.into(),
            (Side::Sell, true) => i128::from(place.quantity.0) * venue.base_unit,
            (side, _) => {
                let plan = self.plan(&Taker::of_place(place));
                if side == Side::Buy { plan.quote } else { plan.quantity * venue.base_unit }
            }
        }
    }

    /// The named order, or all reasons why there is none.
    pub(super) fn find(&self, account: AccountId, market: MarketId, target: &Target) -> Result<Order, Vec<Reject>> {
        let mut broken = Vec::new();
        if !self.venues.contains_key(&market) {
            broken.push(Reject::UnknownMarket);
        }
        if !self.accounts.contains(&account) {
            broken.push(Reject::UnknownAccount);
        }
        let is_named = |order: &&Order| match target {
            Target::Order(id) => order.id == *id,
            Target::Client(name) => !name.is_empty() && order.client_id == *name,
            Target::Both(id, name) => order.id == *id && order.client_id == *name,
        };
        let mut own = self.orders.values().filter(|order| order.account == account && order.market == market);
        match own.find(is_named) {
            Some(order) if broken.is_empty() => Ok(*order),
            _ => {
                broken.push(Reject::UnknownOrder);
                Err(broken)
            }
        }
    }

    pub(super) fn modify_rules(&self, venue: &Venue, order: &Order, price: i64, quantity: i64) -> Vec<Reject> {
        let mut broken = Vec::new();
        let cost = venue.limit_rules(order.side, price, quantity, &mut broken);
        if order.quantity - order.remaining + i128::from(quantity) > MOST {
            broken.push(Reject::AmountOverflow);
        }
        if order.order_type == OrderType::LimitMaker && self.would_take(venue, order.side, price.into()) {
            broken.push(Reject::WouldTake);
        }
        if self.payable(order.account, venue, order.side) + venue.needs(order) < cost {
            broken.push(Reject::InsufficientBalance);
        }
        broken
    }

    pub(super) fn available(&self, account: AccountId, asset: AssetId) -> i128 {
        self.balances.get(&(account, asset)).map_or(0, |balance| balance.available)
    }

    fn payable(&self, account: AccountId, venue: &Venue, side: Side) -> i128 {
        self.available(account, venue.paid_by(side))
    }
}
