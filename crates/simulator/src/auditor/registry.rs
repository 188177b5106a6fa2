//! Assets, markets, accounts and holds.

use std::collections::BTreeMap;

use model::{AccountId, Amount, Asset, AssetId, Event, HoldId, Market, Range, Reject, system};

use super::{Answer, Auditor, Checked, Hold, Venue, amount as fits, power_of_ten};

const MOST_DECIMALS: u8 = 18;
const MOST_FEE_PPM: u32 = 100_000;

fn is_range(range: &Range) -> bool {
    range.min >= 1 && range.step >= 1 && range.max >= range.min && range.min % range.step == 0
}

fn is_market(market: &Market, base_scale: u8, quote_scale: u8) -> bool {
    let filters = &market.filters;
    market.base != market.quote
        && market.price_decimals <= MOST_DECIMALS
        && market.quantity_decimals <= base_scale
        && u16::from(market.price_decimals) + u16::from(market.quantity_decimals) <= u16::from(quote_scale)
        && [filters.price, filters.lot, filters.market_lot].iter().all(is_range)
        && filters.market_lot.step % filters.lot.step == 0
        && filters.min_notional.0 >= 0
        && filters.min_notional <= filters.max_notional
        && market.fees.maker_ppm.max(market.fees.taker_ppm) <= MOST_FEE_PPM
}

impl Auditor {
    pub(super) fn add_asset(&mut self, asset: Asset, answer: &mut Answer<'_>) -> Checked {
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
        self.follow_one(answer, AccountId(0), broken, Event::AssetAdded(asset))
    }

    pub(super) fn add_market(&mut self, market: Market, answer: &mut Answer<'_>) -> Checked {
        let mut broken = Vec::new();
        let scales = (self.assets.get(&market.base), self.assets.get(&market.quote));
        let (Some(base), Some(quote)) = scales else {
            let exists = self.has_market(&market);
            let reason = if exists { Reject::MarketExists } else { Reject::UnknownAsset };
            return self.refused(answer, AccountId(0), reason);
        };
        if !is_market(&market, base.scale, quote.scale) {
            broken.push(Reject::InvalidMarket);
        }
        if self.has_market(&market) {
            broken.push(Reject::MarketExists);
        }
        if broken.is_empty() {
            let venue = Venue {
                market,
                base_unit: power_of_ten(base.scale - market.quantity_decimals),
                quote_unit: power_of_ten(quote.scale - market.price_decimals - market.quantity_decimals),
                last_trade: 0,
                last_price: 0,
                queues: [BTreeMap::new(), BTreeMap::new()],
            };
            self.venues.insert(market.id, venue);
        }
        self.follow_one(answer, AccountId(0), broken, Event::MarketAdded(market))
    }

    fn has_market(&self, market: &Market) -> bool {
        self.venues.values().any(|other| other.market.id == market.id || other.market.symbol == market.symbol)
    }

    pub(super) fn open_account(&mut self, account: AccountId, answer: &mut Answer<'_>) -> Checked {
        let mut broken = Vec::new();
        if account < system::FIRST_USER {
            broken.push(Reject::InvalidAccount);
        }
        if self.accounts.contains(&account) {
            broken.push(Reject::AccountExists);
        }
        if broken.is_empty() {
            self.accounts.insert(account);
        }
        self.follow_one(answer, account, broken, Event::AccountOpened { account })
    }

    pub(super) fn hold(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: Amount,
        answer: &mut Answer<'_>,
    ) -> Checked {
        let broken = self.hold_rules(account, asset, amount);
        let hold = HoldId(self.last_hold + 1);
        if broken.is_empty() {
            self.last_hold += 1;
            self.holds.insert(hold, Hold { account, asset, remaining: i128::from(amount.0) });
        }
        self.follow_one(answer, account, broken, Event::Held { hold, account, asset, amount })
    }

    pub(super) fn capture(&mut self, id: HoldId, to: AccountId, amount: Amount, answer: &mut Answer<'_>) -> Checked {
        let mut broken = Vec::new();
        if !self.knows(to) {
            broken.push(Reject::UnknownAccount);
        }
        if amount.0 <= 0 {
            broken.push(Reject::InvalidAmount);
        }
        let Some(hold) = self.holds.get(&id).copied() else {
            broken.push(Reject::UnknownHold);
            return self.refused(answer, to, broken.into_iter().min().unwrap_or(Reject::UnknownHold));
        };
        let remaining = hold.remaining - i128::from(amount.0);
        if remaining < 0 {
            broken.push(Reject::ExceedsHold);
        }
        if let Some(reason) = broken.into_iter().min() {
            return self.refused(answer, to, reason);
        }
        if remaining == 0 {
            self.holds.remove(&id);
        } else {
            self.holds.insert(id, Hold { remaining, ..hold });
        }
        let (account, asset, remaining) = (hold.account, hold.asset, fits(remaining)?);
        self.expect(answer, Event::Captured { hold: id, account, to, asset, amount, remaining })
    }

    pub(super) fn release(&mut self, id: HoldId, answer: &mut Answer<'_>) -> Checked {
        let Some(hold) = self.holds.remove(&id) else {
            return self.refused(answer, AccountId(0), Reject::UnknownHold);
        };
        let (account, asset, amount) = (hold.account, hold.asset, fits(hold.remaining)?);
        self.expect(answer, Event::Released { hold: id, account, asset, amount })
    }

    pub(super) fn knows(&self, account: AccountId) -> bool {
        self.accounts.contains(&account) || (1..=6).contains(&account.0)
    }
}
