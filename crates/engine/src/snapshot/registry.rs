//! Sources, assets, markets, accounts, fees and countdowns.

use model::codec::{Reader, Writer, put_asset, put_market, take_asset, take_market};
use model::decimal::MAX_DECIMALS;
use model::{
    AccountId, Fees, MarketId, MarketState, PreventedId, Price, SourceId, SourceSeq, TierId, Timestamp, TradeId, system,
};

use super::{RestoreError, sound};
use crate::accounts::Account;
use crate::auction::{Indication, Uncross};
use crate::{Book, Engine};

fn put_optional(w: &mut Writer<'_>, id: Option<u16>) {
    w.u8(u8::from(id.is_some()));
    w.u16(id.unwrap_or(0));
}

fn take_optional(r: &mut Reader<'_>) -> Result<Option<u16>, RestoreError> {
    let (some, id) = (r.flag()?, r.u16()?);
    sound(some || id == 0, "an absent id that is there")?;
    Ok(some.then_some(id))
}

impl<B: Book> Engine<B> {
    pub(super) fn put_registry(&self, w: &mut Writer<'_>) {
        w.u64(self.sources.len() as u64);
        for (source, position) in &self.sources {
            w.u16(source.0);
            w.u64(position.0);
        }
        w.u64(self.markets.assets().count() as u64);
        self.markets.assets().for_each(|asset| put_asset(w, asset));
        w.u64(self.markets.positions().count() as u64);
        self.markets.positions().for_each(|position| self.put_market_state(w, position));
        let accounts = self.accounts.sorted();
        w.u64(accounts.len() as u64);
        for account in accounts {
            w.u32(account.id.0);
            w.u32(account.parent.0);
            w.u16(account.tier.0);
        }
        w.u64(self.schedule.entries.len() as u64);
        for (&(tier, market), fees) in &self.schedule.entries {
            put_optional(w, tier.map(|id| id.0));
            put_optional(w, market.map(|id| id.0));
            w.i32(fees.maker_ppm);
            w.i32(fees.taker_ppm);
        }
        let countdowns = self.countdowns.sorted();
        w.u64(countdowns.len() as u64);
        for ((account, market), deadline) in countdowns {
            w.u32(account.0);
            put_optional(w, market.map(|id| id.0));
            w.u64(deadline.0);
        }
    }

    fn put_market_state(&self, w: &mut Writer<'_>, position: usize) {
        let state = self.markets.get(position);
        put_market(w, &state.market);
        w.u64(state.last_trade.0);
        w.i64(state.last_price.0);
        w.u64(state.last_prevented.0);
        w.u8(state.state as u8);
        w.u64(state.until.0);
        w.i64(state.reference.0);
        w.u64(state.window_end.0);
        w.i64(state.indication.told.price);
        w.i64(state.indication.told.volume);
        w.i64(state.indication.told.imbalance);
        w.u64(state.indication.next_at);
        w.u8(u8::from(state.indication.is_stale));
        w.u64(state.trailing.activations);
    }

    pub(super) fn take_registry(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        for _ in 0..r.u64()? {
            let (source, position) = (SourceId(r.u16()?), SourceSeq(r.u64()?));
            sound(self.sources.range(source..).next().is_none(), "sources out of order")?;
            self.sources.insert(source, position);
        }
        let mut last = None;
        for _ in 0..r.u64()? {
            let asset = take_asset(r)?;
            sound(asset.scale <= MAX_DECIMALS && last.replace(asset.id) < Some(asset.id), "an invalid asset")?;
            self.ledger.add_asset(asset.id);
            self.markets.add_asset(asset);
        }
        let mut last = None;
        for _ in 0..r.u64()? {
            let market = self.take_market_state(r)?;
            sound(last.replace(market) < Some(market), "markets out of order")?;
        }
        let mut last = None;
        for _ in 0..r.u64()? {
            let account = Account { id: AccountId(r.u32()?), parent: AccountId(r.u32()?), tier: TierId(r.u16()?) };
            sound(last.replace(account.id) < Some(account.id), "accounts out of order")?;
            sound(account.id >= system::FIRST_USER, "an account that cannot be a user's")?;
            self.accounts.add(account);
        }
        let is_master = |id| self.accounts.get(id).is_some_and(|found| found.parent == AccountId(0));
        let orphan = |account: &Account| account.parent != AccountId(0) && !is_master(account.parent);
        sound(!self.accounts.sorted().iter().any(orphan), "a sub-account without a master")?;
        self.take_fees(r)?;
        self.take_countdowns(r)
    }

    fn take_market_state(&mut self, r: &mut Reader<'_>) -> Result<MarketId, RestoreError> {
        let market = take_market(r)?;
        let scale = |id| self.markets.asset(id).map(|asset| asset.scale);
        let (Some(base), Some(quote)) = (scale(market.base), scale(market.quote)) else {
            return Err(RestoreError::Inconsistent("a market of an unknown asset"));
        };
        let is_new = self.markets.position(market.id).is_none() && !self.markets.has_symbol(&market.symbol);
        sound(is_new && market.validate(base, quote).is_ok(), "an invalid market")?;
        let position = self.markets.add_market(market, [base, quote], &mut self.ledger);
        let state = self.markets.get_mut(position);
        state.last_trade = TradeId(r.u64()?);
        state.last_price = Price(r.i64()?);
        state.last_prevented = PreventedId(r.u64()?);
        state.state = r.code("market state", MarketState::from_code)?;
        state.until = Timestamp(r.u64()?);
        state.reference = Price(r.i64()?);
        state.window_end = Timestamp(r.u64()?);
        let told = Uncross { price: r.i64()?, volume: r.i64()?, imbalance: r.i64()? };
        state.indication = Indication { told, next_at: r.u64()?, is_stale: r.flag()? };
        state.trailing.activations = r.u64()?;
        let prices = [state.last_price.0, state.reference.0, told.price, told.volume];
        sound(prices.iter().all(|&price| price >= 0), "a price below zero")?;
        sound(state.until == Timestamp::NEVER || state.state == MarketState::Auction, "an end of no auction")?;
        Ok(market.id)
    }

    fn take_fees(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        for _ in 0..r.u64()? {
            let key = (take_optional(r)?.map(TierId), take_optional(r)?.map(MarketId));
            let fees = Fees { maker_ppm: r.i32()?, taker_ppm: r.i32()? };
            sound(self.schedule.entries.range(key..).next().is_none(), "fees out of order")?;
            let known = key.1.is_none_or(|id| self.markets.position(id).is_some());
            let own = key.0.is_none() && key.1.is_some();
            sound(fees.is_valid() && known && !own, "fees that no schedule has")?;
            self.schedule.entries.insert(key, fees);
        }
        Ok(())
    }

    fn take_countdowns(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        let mut before = None;
        for _ in 0..r.u64()? {
            let switch = (AccountId(r.u32()?), take_optional(r)?.map(MarketId));
            let deadline = Timestamp(r.u64()?);
            sound(before < Some(switch), "countdowns out of order")?;
            before = Some(switch);
            let known = switch.1.is_none_or(|id| self.markets.position(id).is_some());
            let is_on = self.accounts.contains(switch.0) && deadline != Timestamp::NEVER;
            sound(known && is_on, "a countdown of nobody or nothing")?;
            self.countdowns.set(switch, deadline);
        }
        Ok(())
    }
}
