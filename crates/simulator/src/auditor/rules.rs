//! Which rules an order breaks: all of them, each judged by itself, so that the lowest number can be told.

use model::{AccountId, Amount, AssetId, MarketState, OrderType, Place, Range, Reject, Side, TimeInForce, system};

use super::book::Question;
use super::state::{Order, Venue};
use super::{Auditor, MOST};

/// As what an order is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// By itself, or as the order of a list that the others wait for.
    Alone,
    /// As one of a pair, which holds what it needs together.
    Paired,
    /// As one that waits for another.
    Pending,
}

pub(super) fn inside(range: &Range, value: i64) -> bool {
    (range.min..=range.max).contains(&value) && value % range.step == 0
}

pub(super) const fn may_rest(time_in_force: TimeInForce) -> bool {
    matches!(time_in_force, TimeInForce::Gtc | TimeInForce::Gtd)
}

fn goes_together(place: &Place, last_price: i128) -> bool {
    let contingent = place.order_type.is_contingent();
    let is_market = place.order_type == OrderType::Market;
    let has_trigger = place.stop_price.0 != 0 || place.trailing_delta != 0;
    let rests = may_rest(place.time_in_force);
    let by_itself = match place.order_type {
        OrderType::Limit => true,
        OrderType::LimitMaker => rests,
        OrderType::Market => {
            let one_size = (place.quantity.0 == 0) != (place.quote_quantity.0 == 0);
            one_size && place.price.0 == 0 && place.time_in_force == TimeInForce::Ioc
        }
        OrderType::StopLoss | OrderType::TakeProfit => place.price.0 == 0 && rests && place.iceberg.0 == 0,
        OrderType::StopLossLimit | OrderType::TakeProfitLimit => true,
    };
    let priced = place.order_type.has_limit() || place.stop_price.0 != 0 || last_price > 0;
    by_itself
        && place.stop_price.0 >= 0
        && place.iceberg.0 >= 0
        && (place.expire_at.0 != 0) == (place.time_in_force == TimeInForce::Gtd)
        && (is_market || place.quote_quantity.0 == 0)
        && contingent == has_trigger
        && (place.iceberg.0 == 0 || (rests && !is_market))
        && (!contingent || place.side == Side::Sell || priced)
}

/// Whether a market in this state takes the order; POST_ONLY may find more wrong with it.
fn state_takes(state: MarketState, place: &Place, role: Role) -> bool {
    let waits = place.order_type.is_contingent() || role == Role::Pending;
    let rests = may_rest(place.time_in_force) && place.order_type != OrderType::Market;
    match state {
        MarketState::Trading => true,
        MarketState::Halt | MarketState::CancelOnly => false,
        MarketState::PostOnly => waits || rests,
        MarketState::Auction => waits || (rests && place.order_type == OrderType::Limit),
    }
}

impl Venue {
    fn notional_is_inside(&self, notional: i128) -> bool {
        let filters = &self.market.filters;
        (i128::from(filters.min_notional.0)..=i128::from(filters.max_notional.0)).contains(&notional)
    }

    /// Rules 41, 42, 44 and 45 of a limit.
    pub(super) fn limit_rules(&self, price: i64, quantity: i64, broken: &mut Vec<Reject>) {
        if !inside(&self.market.filters.price, price) {
            broken.push(Reject::PriceFilter);
        }
        if !inside(&self.market.filters.lot, quantity) {
            broken.push(Reject::LotSize);
        }
        if !self.notional_is_inside(self.quote(price.into(), quantity.into())) {
            broken.push(Reject::Notional);
        }
        if self.base(quantity.into()) > MOST {
            broken.push(Reject::AmountOverflow);
        }
    }

    /// Rules 41 to 45 of what stands in the order.
    fn size_rules(&self, place: &Place, held_price: Option<i128>, broken: &mut Vec<Reject>) {
        let filters = &self.market.filters;
        let by_quote = place.order_type == OrderType::Market && place.quantity.0 == 0;
        if place.order_type.has_limit() {
            self.limit_rules(place.price.0, place.quantity.0, broken);
        } else if by_quote {
            if !self.notional_is_inside(place.quote_quantity.0.into()) {
                broken.push(Reject::Notional);
            }
        } else {
            if !inside(&filters.lot, place.quantity.0) {
                broken.push(Reject::LotSize);
            }
            if !inside(&filters.market_lot, place.quantity.0) {
                broken.push(Reject::MarketLotSize);
            }
            let priced = held_price.map(|price| self.quote(price, place.quantity.0.into()));
            if priced.is_some_and(|notional| !self.notional_is_inside(notional)) {
                broken.push(Reject::Notional);
            }
            if self.base(place.quantity.0.into()) > MOST {
                broken.push(Reject::AmountOverflow);
            }
        }
        if place.stop_price.0 != 0 && !inside(&filters.price, place.stop_price.0) {
            broken.push(Reject::PriceFilter);
        }
        if place.iceberg.0 != 0 && !inside(&filters.lot, place.iceberg.0) {
            broken.push(Reject::LotSize);
        }
        let parts = if place.iceberg.0 > 0 {
            place.quantity.0.unsigned_abs().div_ceil(place.iceberg.0.unsigned_abs())
        } else {
            0
        };
        if parts > u64::from(filters.iceberg_parts) {
            broken.push(Reject::IcebergParts);
        }
        let [least, most] = filters.trailing_delta;
        if place.trailing_delta != 0 && !(least..=most).contains(&place.trailing_delta) {
            broken.push(Reject::TrailingDelta);
        }
    }

    /// PERCENT_PRICE_BY_SIDE.
    pub(super) fn is_near(&self, side: Side, price: i128) -> bool {
        let percent = &self.market.filters.percent_price;
        if !percent.is_on() || self.last_price == 0 {
            return true;
        }
        let (down, up) = match side {
            Side::Buy => (percent.bid_down_ppm, percent.bid_up_ppm),
            Side::Sell => (percent.ask_down_ppm, percent.ask_up_ppm),
        };
        let price = price * 1_000_000;
        self.last_price * i128::from(down) <= price && price <= self.last_price * i128::from(up)
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
            // All that users own came from the two accounts that stand for the outside, and from what FEES lacks.
            let new_money = if outside(to) { 0 } else { moved };
            let overdrawn = of(from) - moved < -MOST;
            let overfull = outside(to) && of(to) + moved > MOST;
            if self.issued_with(asset, 0) + new_money > MOST || overdrawn || overfull {
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

    /// The rules of one order; `before` are those of its list that come before it.
    pub(super) fn place_rules(&self, place: &Place, role: Role, before: &[Place]) -> Vec<Reject> {
        let mut broken = Vec::new();
        if !self.accounts.contains_key(&place.account) {
            broken.push(Reject::UnknownAccount);
        }
        if place.quote_quantity.0 < 0 {
            broken.push(Reject::InvalidAmount);
        }
        if place.time_in_force == TimeInForce::Gtd && place.expire_at <= self.time {
            broken.push(Reject::InvalidTime);
        }
        let Some(venue) = self.venues.get(&place.market) else {
            broken.push(Reject::UnknownMarket);
            return broken;
        };
        if !state_takes(venue.state, place, role) {
            broken.push(Reject::MarketClosed);
        }
        if !goes_together(place, venue.last_price) {
            broken.push(Reject::InvalidOrder);
            return broken;
        }
        venue.size_rules(place, self.held_price(place), &mut broken);
        if place.order_type.has_limit() && !venue.is_near(place.side, place.price.0.into()) {
            broken.push(Reject::PercentPrice);
        }
        self.count_rules(place, before, &mut broken);
        if role != Role::Pending {
            self.book_rules(place, venue, &mut broken);
            self.money_rules(place, role, venue, &mut broken);
        }
        broken
    }

    /// Rules 46, 47, 54 and 55: what the account has open already, those before it in its list included.
    fn count_rules(&self, place: &Place, before: &[Place], broken: &mut Vec<Reject>) {
        let venue = self.venue(place.market);
        let filters = &venue.market.filters;
        let own: Vec<&Order> = self.orders.values().filter(|order| order.account == place.account).collect();
        let here: Vec<&&Order> = own.iter().filter(|order| order.market == place.market).collect();
        if may_rest(place.time_in_force) && (here.len() + before.len()) as u64 >= u64::from(filters.max_open_orders) {
            broken.push(Reject::MaxOpenOrders);
        }
        let algo = here.iter().filter(|order| order.order_type.is_contingent()).count()
            + before.iter().filter(|other| other.order_type.is_contingent()).count();
        if place.order_type.is_contingent() && algo as u64 >= u64::from(filters.max_algo_orders) {
            broken.push(Reject::MaxAlgoOrders);
        }
        let named = own.iter().map(|order| order.client_id).chain(before.iter().map(|other| other.client_id));
        if !place.client_id.is_empty() && named.into_iter().any(|name| name == place.client_id) {
            broken.push(Reject::DuplicateClientId);
        }
        let sizes = before.iter().filter(|other| other.side == Side::Buy).map(|other| i128::from(other.quantity.0));
        let size = i128::from(place.quantity.0);
        if place.side == Side::Buy
            && size != 0
            && self.exceeds_position(place.account, venue, size + sizes.sum::<i128>())
        {
            broken.push(Reject::MaxPosition);
        }
    }

    /// Whether so much more to buy would take an account beyond MAX_POSITION.
    pub(super) fn exceeds_position(&self, account: AccountId, venue: &Venue, more: i128) -> bool {
        let limit = i128::from(venue.market.filters.max_position.0);
        let balance = self.balances.get(&(account, venue.market.base)).copied().unwrap_or_default();
        let is_buy =
            |order: &&Order| order.account == account && order.market == venue.market.id && order.side == Side::Buy;
        let open: i128 = self.orders.values().filter(is_buy).map(|order| order.remaining).sum();
        limit != 0 && balance.available + balance.held + venue.base(open + more) > limit
    }

    /// Rules 48 and 56: what would happen at once.
    pub(super) fn book_rules(&self, place: &Place, venue: &Venue, broken: &mut Vec<Reject>) {
        let must_rest = match venue.state {
            MarketState::PostOnly => may_rest(place.time_in_force) && !place.order_type.is_contingent(),
            _ => place.order_type == OrderType::LimitMaker,
        };
        if must_rest && self.would_take(place.market, place.side, place.price.0.into()) {
            broken.push(Reject::WouldTake);
        }
        if self.is_reached(place.order_type, place.side, place.trailing_delta, place.stop_price.0.into(), venue) {
            broken.push(Reject::StopWouldTrigger);
        }
    }

    /// Whether the last price has reached a stop price already.
    pub(super) fn is_reached(
        &self,
        order_type: OrderType,
        side: Side,
        trailing_delta: u16,
        stop_price: i128,
        venue: &Venue,
    ) -> bool {
        if !order_type.is_contingent() || trailing_delta != 0 || venue.last_price == 0 {
            return false;
        }
        if super::stops::rises(order_type, side) {
            venue.last_price >= stop_price
        } else {
            venue.last_price <= stop_price
        }
    }

    /// Rules 45 and 90: what the order may cost. A pair is asked for what it needs together, elsewhere.
    fn money_rules(&self, place: &Place, role: Role, venue: &Venue, broken: &mut Vec<Reject>) {
        let size = i128::from(place.quantity.0);
        let cost = if place.order_type == OrderType::Market {
            // What a market order costs can be asked of the book only when its parameters make sense.
            if broken.iter().any(|reason| *reason <= Reject::AmountOverflow) {
                return;
            }
            self.market_cost(place, venue)
        } else {
            venue.cost(place.side, self.held_price(place).unwrap_or(0), size)
        };
        if cost > MOST {
            broken.push(Reject::AmountOverflow);
        }
        if role == Role::Alone && self.available(place.account, venue.paid_by(place.side)) < cost {
            broken.push(Reject::InsufficientBalance);
        }
    }

    /// A buy by quote amount and a sell by quantity say what they cost; the other two cost what the book makes of them.
    fn market_cost(&self, place: &Place, venue: &Venue) -> i128 {
        let by_quantity = place.quantity.0 != 0;
        match (place.side, by_quantity) {
            (Side::Buy, false) => place.quote_quantity.0.into(),
            (Side::Sell, true) => venue.base(place.quantity.0.into()),
            (side, _) => {
                let walk = self.walk(&self.new_order(place), Question::Cost);
                if side == Side::Buy { walk.quote } else { venue.base(walk.quantity) }
            }
        }
    }

    /// The price that an order is held, and measured, at: its limit, its stop price, or the last price.
    pub(super) fn held_price(&self, place: &Place) -> Option<i128> {
        let last = self.venues.get(&place.market).map_or(0, |venue| venue.last_price);
        let prices = [place.price.0.into(), place.stop_price.0.into(), last];
        if place.order_type.has_limit() {
            return Some(prices[0]);
        }
        prices.into_iter().find(|price| *price != 0)
    }

    pub(super) fn available(&self, account: AccountId, asset: AssetId) -> i128 {
        self.balances.get(&(account, asset)).map_or(0, |balance| balance.available)
    }
}
