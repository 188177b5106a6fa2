//! Assets, markets, accounts, fees and holds.

use model::{
    AccountId, Amount, Asset, AssetId, Event, Fees, HoldId, Market, MarketId, MarketState, PercentPrice, Range, Reject,
    TierId, Timestamp, Volatility, system,
};

use super::state::{Account, Told, Venue};
use super::{Auditor, Hold, amount as as_amount, fees, power_of_ten};

const MOST_DECIMALS: u8 = 18;

fn is_range(range: &Range) -> bool {
    range.min >= 1 && range.step >= 1 && range.max >= range.min && range.min % range.step == 0
}

fn is_percent(percent: &PercentPrice) -> bool {
    let all = [percent.bid_up_ppm, percent.bid_down_ppm, percent.ask_up_ppm, percent.ask_down_ppm];
    let [bid_up, bid_down, ask_up, ask_down] = all;
    all == [0; 4] || (bid_up > 0 && ask_up > 0 && bid_up >= bid_down && ask_up >= ask_down)
}

fn is_volatility(volatility: &Volatility) -> bool {
    let all = [volatility.move_ppm, volatility.window_ms, volatility.auction_ms];
    all == [0; 3] || (all.iter().all(|part| *part > 0) && volatility.move_ppm < 1_000_000)
}

fn is_market(market: &Market, base_scale: u8, quote_scale: u8) -> bool {
    let filters = &market.filters;
    let [least, most] = filters.trailing_delta;
    market.base != market.quote
        && market.price_decimals <= MOST_DECIMALS
        && market.quantity_decimals <= base_scale
        && u16::from(market.price_decimals) + u16::from(market.quantity_decimals) <= u16::from(quote_scale)
        && [filters.price, filters.lot, filters.market_lot].iter().all(is_range)
        && filters.market_lot.step % filters.lot.step == 0
        && filters.min_notional.0 >= 0
        && filters.min_notional <= filters.max_notional
        && filters.max_position.0 >= 0
        && is_percent(&filters.percent_price)
        && least <= most
        && most < 10_000
        && (least == 0) == (most == 0)
        && is_volatility(&market.volatility)
        && market.fees.is_none_or(|market_fees| fees::is_valid(&market_fees))
}

impl Auditor {
    pub(super) fn add_asset(&mut self, asset: Asset) {
        let mut broken = Vec::new();
        if asset.scale > MOST_DECIMALS {
            broken.push(Reject::InvalidAsset);
        }
        if self.assets.values().any(|other| other.id == asset.id || other.symbol == asset.symbol) {
            broken.push(Reject::AssetExists);
        }
        if broken.is_empty() {
            self.assets.insert(asset.id, asset);
        }
        self.emit_unless(&broken, AccountId(0), Event::AssetAdded(asset));
    }

    /// Rules 12 and 20 of a market's settings, as far as its assets let them be judged.
    fn settings_rules(&self, market: &Market) -> Vec<Reject> {
        match (self.assets.get(&market.base), self.assets.get(&market.quote)) {
            (Some(base), Some(quote)) if is_market(market, base.scale, quote.scale) => Vec::new(),
            (Some(_), Some(_)) => vec![Reject::InvalidMarket],
            _ => vec![Reject::UnknownAsset],
        }
    }

    pub(super) fn add_market(&mut self, market: &Market) {
        let mut broken = self.settings_rules(market);
        if self.venues.values().any(|other| other.market.id == market.id || other.market.symbol == market.symbol) {
            broken.push(Reject::MarketExists);
        }
        if broken.is_empty() {
            let scale = |id| self.assets.get(&id).map_or(0, |asset: &Asset| asset.scale);
            let quote_decimals = scale(market.quote) - market.price_decimals - market.quantity_decimals;
            let venue = Venue {
                market: *market,
                base_unit: power_of_ten(scale(market.base) - market.quantity_decimals),
                quote_unit: power_of_ten(quote_decimals),
                last_trade: 0,
                last_price: 0,
                last_prevented: 0,
                state: MarketState::Trading,
                until: Timestamp::NEVER,
                window: None,
                told: Told::default(),
                touched: false,
                queue: Vec::new(),
            };
            self.venues.insert(market.id, venue);
        }
        self.emit_unless(&broken, AccountId(0), Event::MarketAdded(*market));
    }

    pub(super) fn set_market(&mut self, market: &Market) {
        let mut broken = self.settings_rules(market);
        // Its assets may not change, so that they are known.
        broken.retain(|reason| *reason != Reject::UnknownAsset);
        match self.venues.get(&market.id) {
            None => broken.push(Reject::UnknownMarket),
            Some(venue) => {
                let fixed = |market: &Market| {
                    (market.symbol, market.base, market.quote, market.price_decimals, market.quantity_decimals)
                };
                if fixed(market) != fixed(&venue.market) {
                    broken.push(Reject::MarketFixed);
                }
            }
        }
        if broken.is_empty() {
            self.venue_mut(market.id).market = *market;
        }
        self.emit_unless(&broken, AccountId(0), Event::MarketSet(*market));
    }

    pub(super) fn open_account(&mut self, account: AccountId, parent: AccountId) {
        let mut broken = Vec::new();
        if account < system::FIRST_USER {
            broken.push(Reject::InvalidAccount);
        }
        if self.accounts.contains_key(&account) {
            broken.push(Reject::AccountExists);
        }
        let is_master = self.accounts.get(&parent).is_some_and(|master| master.parent == AccountId(0));
        if parent != AccountId(0) && !is_master {
            broken.push(Reject::InvalidParent);
        }
        if broken.is_empty() {
            self.accounts.insert(account, Account { parent, tier: TierId(0) });
        }
        self.emit_unless(&broken, account, Event::AccountOpened { account, parent });
    }

    pub(super) fn set_tier(&mut self, account: AccountId, tier: TierId) {
        match self.accounts.get_mut(&account) {
            None => self.refuse(account, Reject::UnknownAccount),
            Some(known) => {
                known.tier = tier;
                self.emit(Event::TierSet { account, tier });
            }
        }
    }

    pub(super) fn set_fees(&mut self, tier: Option<TierId>, market: Option<MarketId>, fees: Option<Fees>) {
        let mut broken = Vec::new();
        if fees.is_some_and(|fees| !fees::is_valid(&fees)) {
            broken.push(Reject::InvalidFees);
        }
        if market.is_some_and(|market| !self.venues.contains_key(&market)) {
            broken.push(Reject::UnknownMarket);
        }
        if broken.is_empty() {
            match (tier, market, fees) {
                (None, Some(market), _) => self.venue_mut(market).market.fees = fees,
                (_, _, Some(fees)) => {
                    self.schedule.insert((tier, market), fees);
                }
                (_, _, None) => {
                    self.schedule.remove(&(tier, market));
                }
            }
        }
        self.emit_unless(&broken, AccountId(0), Event::FeesSet { tier, market, fees });
    }

    pub(super) fn hold(&mut self, account: AccountId, asset: AssetId, amount: Amount) {
        let broken = self.hold_rules(account, asset, amount);
        let hold = HoldId(self.last_hold + 1);
        if broken.is_empty() {
            self.last_hold += 1;
            self.holds.insert(hold, Hold { account, asset, remaining: i128::from(amount.0) });
        }
        self.emit_unless(&broken, account, Event::Held { hold, account, asset, amount });
    }

    pub(super) fn capture(&mut self, id: HoldId, to: AccountId, amount: Amount) {
        let mut broken = Vec::new();
        if !self.knows(to) {
            broken.push(Reject::UnknownAccount);
        }
        if amount.0 <= 0 {
            broken.push(Reject::InvalidAmount);
        }
        let hold = self.holds.get(&id).copied();
        let remaining = hold.map_or(0, |hold| hold.remaining) - i128::from(amount.0);
        match hold {
            None => broken.push(Reject::UnknownHold),
            Some(_) if remaining < 0 => broken.push(Reject::ExceedsHold),
            Some(_) => {}
        }
        match (broken.into_iter().min(), hold) {
            (None, Some(hold)) => {
                if remaining == 0 {
                    self.holds.remove(&id);
                } else {
                    self.holds.insert(id, Hold { remaining, ..hold });
                }
                let (account, asset, remaining) = (hold.account, hold.asset, as_amount(remaining));
                self.emit(Event::Captured { hold: id, account, to, asset, amount, remaining });
            }
            (reason, _) => self.refuse(to, reason.unwrap_or(Reject::UnknownHold)),
        }
    }

    pub(super) fn release(&mut self, id: HoldId) {
        let Some(hold) = self.holds.remove(&id) else {
            return self.refuse(AccountId(0), Reject::UnknownHold);
        };
        let (account, asset, amount) = (hold.account, hold.asset, as_amount(hold.remaining));
        self.emit(Event::Released { hold: id, account, asset, amount });
    }

    pub(super) fn knows(&self, account: AccountId) -> bool {
        self.accounts.contains_key(&account) || (1..=6).contains(&account.0)
    }
}
