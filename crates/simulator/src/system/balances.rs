//! Balances out of events alone, by the table that the model gives: what any reader can know.

use std::collections::BTreeMap;

use model::{AccountId, Amended, AssetId, Closed, Event, Image, Market, MarketId, Prevented, Side, Trade, system};

/// Available and held of each account and asset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Balances {
    markets: BTreeMap<MarketId, (Market, i64)>,
    scales: BTreeMap<AssetId, u8>,
    have: BTreeMap<(AccountId, AssetId), (i64, i64)>,
}

impl Balances {
    pub(crate) fn load(image: &Image) -> Self {
        let mut balances = Self::default();
        balances.scales.extend(image.assets.iter().map(|asset| (asset.id, asset.scale)));
        image.markets.iter().for_each(|market| balances.set_market(&market.market));
        let have = image.balances.iter();
        balances.have.extend(have.map(|found| ((found.account, found.asset), (found.available.0, found.held.0))));
        balances
    }

    /// What is not zero.
    pub(crate) fn owned(&self) -> BTreeMap<(AccountId, AssetId), (i64, i64)> {
        self.have.iter().filter(|(_, have)| **have != (0, 0)).map(|(key, have)| (*key, *have)).collect()
    }

    fn set_market(&mut self, market: &Market) {
        let scale = self.scales.get(&market.base).copied().unwrap_or(market.quantity_decimals);
        self.markets.insert(market.id, (*market, market.base_unit(scale)));
    }

    fn add(&mut self, account: AccountId, asset: AssetId, available: i64, held: i64) {
        let have = self.have.entry((account, asset)).or_default();
        have.0 += available;
        have.1 += held;
    }

    /// Moves from available to held; back when negative.
    fn set_aside(&mut self, account: AccountId, market: MarketId, side: Side, amount: i64) {
        if let Some((market, _)) = self.markets.get(&market) {
            let asset = if side == Side::Buy { market.quote } else { market.base };
            self.add(account, asset, -amount, amount);
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        match *event {
            Event::AssetAdded(asset) => {
                self.scales.insert(asset.id, asset.scale);
            }
            Event::MarketAdded(ref market) | Event::MarketSet(ref market) => self.set_market(market),
            Event::Transferred { from, to, asset, amount } => {
                self.add(from, asset, -amount.0, 0);
                self.add(to, asset, amount.0, 0);
            }
            Event::Held { account, asset, amount, .. } => self.add(account, asset, -amount.0, amount.0),
            Event::Captured { account, to, asset, amount, .. } => {
                self.add(account, asset, 0, -amount.0);
                self.add(to, asset, amount.0, 0);
            }
            Event::Released { account, asset, amount, .. } => self.add(account, asset, amount.0, -amount.0),
            Event::Rested { account, market, side, held, .. }
            | Event::Armed { account, market, side, held, .. }
            | Event::Triggered { account, market, side, held, .. } => self.set_aside(account, market, side, held.0),
            Event::Entered { account, market, side, released, .. }
            | Event::Closed(Closed { account, market, side, released, .. })
            | Event::Amended(Amended { account, market, side, released, .. })
            | Event::Modified { account, market, side, released, .. } => {
                self.set_aside(account, market, side, -released.0);
            }
            Event::Prevented(Prevented { maker_account, market, taker_side, released, .. }) => {
                self.set_aside(maker_account, market, taker_side.opposite(), -released.0);
            }
            Event::Trade(ref trade) => self.trade(trade),
            _ => {}
        }
    }

    fn trade(&mut self, trade: &Trade) {
        let Some((market, base_unit)) = self.markets.get(&trade.market).copied() else { return };
        let base = trade.quantity.0 * base_unit;
        let taker_buys = trade.taker_side == Side::Buy;
        let ((pays, paid), (gives, given)) = if taker_buys {
            ((market.quote, trade.quote.0), (market.base, base))
        } else {
            ((market.base, base), (market.quote, trade.quote.0))
        };
        // The taker pays from what is available, in an auction from what was held for it; the maker from what is held.
        if trade.auction {
            self.add(trade.taker_account, pays, 0, -paid);
            let buyer = if taker_buys { trade.taker_account } else { trade.maker_account };
            self.add(buyer, market.quote, trade.released.0, -trade.released.0);
        } else {
            self.add(trade.taker_account, pays, -paid, 0);
        }
        self.add(trade.maker_account, gives, 0, -given);
        self.add(trade.taker_account, gives, given - trade.taker_fee.0, 0);
        self.add(trade.maker_account, pays, paid - trade.maker_fee.0, 0);
        let [maker_unit, taker_unit] = trade.rounding.map(i64::from);
        for (asset, fee, unit) in [(pays, trade.maker_fee.0, maker_unit), (gives, trade.taker_fee.0, taker_unit)] {
            self.add(system::FEES, asset, fee - unit, 0);
            self.add(system::ROUNDING, asset, unit, 0);
        }
    }
}
