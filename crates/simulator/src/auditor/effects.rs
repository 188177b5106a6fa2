//! How balances follow from events, by the table in the documentation of `model::Event`, and the recount of all money.

use std::collections::BTreeMap;

use model::{AccountId, Amount, AssetId, Event, MarketId, MarketState, Side, Trade, system};

use super::state::Stand;
use super::verdict::{Checked, Rule, ensure};
use super::{Auditor, Balance};

impl Auditor {
    /// Follows an event in the balances.
    pub(super) fn post(&mut self, event: &Event) {
        match *event {
            Event::Transferred { from, to, asset, amount } => {
                self.move_available(from, asset, -i128::from(amount.0));
                self.move_available(to, asset, amount.0.into());
            }
            Event::Held { account, asset, amount, .. } => self.set_aside(account, asset, amount.0.into()),
            Event::Released { account, asset, amount, .. } => self.set_aside(account, asset, -i128::from(amount.0)),
            Event::Captured { account, to, asset, amount, .. } => {
                self.move_held(account, asset, -i128::from(amount.0));
                self.move_available(to, asset, amount.0.into());
            }
            Event::Rested { account, market, side, held, .. }
            | Event::Armed { account, market, side, held, .. }
            | Event::Triggered { account, market, side, held, .. } => {
                let asset = self.venue(market).paid_by(side);
                self.set_aside(account, asset, held.0.into());
            }
            Event::Closed(ref closed) => self.give_back(closed.account, closed.market, closed.side, closed.released),
            Event::Amended(ref amended) => {
                self.give_back(amended.account, amended.market, amended.side, amended.released);
            }
            Event::Entered { account, market, side, released, .. }
            | Event::Modified { account, market, side, released, .. } => {
                self.give_back(account, market, side, released);
            }
            Event::Prevented(ref prevented) => {
                let side = prevented.taker_side.opposite();
                self.give_back(prevented.maker_account, prevented.market, side, prevented.released);
            }
            Event::Trade(ref trade) => self.post_trade(trade),
            _ => {}
        }
    }

    fn post_trade(&mut self, trade: &Trade) {
        let venue = self.venue(trade.market);
        let (base, quote) = (venue.market.base, venue.market.quote);
        let base_amount = venue.base(trade.quantity.0.into());
        let quote_amount = i128::from(trade.quote.0);
        // What the taker pays, the maker receives.
        let (taker_pays, maker_pays) = match trade.taker_side {
            Side::Buy => ((quote, quote_amount), (base, base_amount)),
            Side::Sell => ((base, base_amount), (quote, quote_amount)),
        };
        let (maker_fee, taker_fee) = (i128::from(trade.maker_fee.0), i128::from(trade.taker_fee.0));
        if trade.auction {
            self.move_held(trade.taker_account, taker_pays.0, -taker_pays.1);
            let buyer = if trade.taker_side == Side::Buy { trade.taker_account } else { trade.maker_account };
            self.give_back(buyer, trade.market, Side::Buy, trade.released);
        } else {
            self.move_available(trade.taker_account, taker_pays.0, -taker_pays.1);
        }
        self.move_held(trade.maker_account, maker_pays.0, -maker_pays.1);
        self.move_available(trade.maker_account, taker_pays.0, taker_pays.1 - maker_fee);
        self.move_available(trade.taker_account, maker_pays.0, maker_pays.1 - taker_fee);
        for (asset, fee, rounding) in
            [(taker_pays.0, maker_fee, trade.rounding[0]), (maker_pays.0, taker_fee, trade.rounding[1])]
        {
            self.move_available(system::FEES, asset, fee - i128::from(rounding));
            self.move_available(system::ROUNDING, asset, rounding.into());
        }
    }

    fn give_back(&mut self, account: AccountId, market: MarketId, side: Side, released: Amount) {
        let asset = self.venue(market).paid_by(side);
        self.set_aside(account, asset, -i128::from(released.0));
    }

    fn balance(&mut self, account: AccountId, asset: AssetId) -> &mut Balance {
        self.balances.entry((account, asset)).or_default()
    }

    fn move_available(&mut self, account: AccountId, asset: AssetId, delta: i128) {
        self.balance(account, asset).available += delta;
    }

    fn move_held(&mut self, account: AccountId, asset: AssetId, delta: i128) {
        self.balance(account, asset).held += delta;
    }

    fn set_aside(&mut self, account: AccountId, asset: AssetId, delta: i128) {
        self.move_available(account, asset, -delta);
        self.move_held(account, asset, delta);
    }

    /// Counts all money, all that is held, and the tops of all books, from nothing.
    pub(super) fn recount(&self) -> Checked {
        let mut needs: BTreeMap<(AccountId, AssetId), i128> = BTreeMap::new();
        for hold in self.holds.values() {
            *needs.entry((hold.account, hold.asset)).or_default() += hold.remaining;
        }
        for order in self.orders.values() {
            let rightful = self.rightful_hold(order.id);
            ensure!(order.held == rightful, Rule::Held, "{order:?} must hold {rightful}");
            ensure!(order.stand != Stand::Coming, Rule::Event, "{order:?} came to no end");
            let asset = self.venue(order.market).paid_by(order.side);
            *needs.entry((order.account, asset)).or_default() += rightful;
        }
        let mut sums: BTreeMap<AssetId, i128> = BTreeMap::new();
        for (&(account, asset), balance) in &self.balances {
            *sums.entry(asset).or_default() += balance.available + balance.held;
            let may_owe = [system::CUSTODY, system::ADJUSTMENTS, system::FEES].contains(&account);
            ensure!(
                balance.held >= 0 && (balance.available >= 0 || may_owe),
                Rule::Conservation,
                "account {account} has less than nothing of asset {asset}: {balance:?}"
            );
            let need = needs.remove(&(account, asset)).unwrap_or_default();
            ensure!(
                balance.held == need,
                Rule::Held,
                "account {account} has {} of asset {asset} held and needs {need}",
                balance.held
            );
        }
        ensure!(needs.values().all(|need| *need == 0), Rule::Held, "nothing is held for {needs:?}");
        for (asset, sum) in sums {
            ensure!(sum == 0, Rule::Conservation, "asset {asset} sums up to {sum}");
        }
        for venue in self.venues.values() {
            let top = |side| self.best(venue.market.id, side).map(|order| order.price);
            if let (Some(bid), Some(ask)) = (top(Side::Buy), top(Side::Sell))
                && matches!(venue.state, MarketState::Trading | MarketState::PostOnly)
            {
                ensure!(bid < ask, Rule::Crossed, "market {}: bid {bid}, ask {ask}", venue.market.id);
            }
        }
        Ok(())
    }
}
