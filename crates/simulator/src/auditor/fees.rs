//! Fees: which rates an order has for its life, and what a trade takes by them.

use model::{AccountId, AssetId, Fees, MarketId, TierId, system};

use super::{Auditor, MOST};

/// A fee, or a rebate when it is negative, and the unit that rounding up added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fee {
    pub(super) amount: i128,
    pub(super) rounding: u8,
}

/// Parts per million of what is received, rounded up.
pub(super) const fn fee(received: i128, ppm: i128) -> Fee {
    let millionths = received * ppm;
    let down = millionths.div_euclid(1_000_000);
    let is_exact = down * 1_000_000 == millionths;
    if is_exact { Fee { amount: down, rounding: 0 } } else { Fee { amount: down + 1, rounding: 1 } }
}

pub(super) fn is_valid(fees: &Fees) -> bool {
    const HIGHEST: i64 = 100_000;
    let (maker, taker) = (i64::from(fees.maker_ppm), i64::from(fees.taker_ppm));
    let inside = |ppm: i64| (-HIGHEST..=HIGHEST).contains(&ppm);
    inside(maker) && inside(taker) && maker + taker >= 0
}

impl Auditor {
    /// The rates for makers and takers that an order of this account gets now: the first entry that exists.
    pub(super) fn rates(&self, account: AccountId, market: MarketId) -> (i128, i128) {
        let tier = self.accounts.get(&account).map_or(TierId(0), |account| account.tier);
        let of_market = self.venues.get(&market).and_then(|venue| venue.market.fees);
        let entry = |tier, market| self.schedule.get(&(tier, market)).copied();
        let fees = entry(Some(tier), Some(market))
            .or_else(|| entry(Some(tier), None))
            .or(of_market)
            .or_else(|| entry(None, None))
            .unwrap_or(Fees { maker_ppm: 0, taker_ppm: 0 });
        (fees.maker_ppm.into(), fees.taker_ppm.into())
    }

    /// Whether issued money would not fit any more after a rebate.
    pub(super) fn rebate_overflows(&self, asset: AssetId, fee: Fee) -> bool {
        let to_fees = fee.amount - i128::from(fee.rounding);
        fee.amount < 0 && self.issued_with(asset, to_fees) > MOST
    }

    /// What users and the exchange own in all, after FEES received so much: what the outside has given, and what FEES lacks.
    pub(super) fn issued_with(&self, asset: AssetId, to_fees: i128) -> i128 {
        let of = |account| self.available(account, asset);
        let lacking = -(of(system::FEES) + to_fees);
        lacking.max(0) - of(system::CUSTODY) - of(system::ADJUSTMENTS)
    }
}
