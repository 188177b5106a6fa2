//! The state as bytes, and back. Versioned; the container around it (the journal's snapshot file) carries the checksum.

use std::ops::ControlFlow;

use model::codec::{DecodeError, Reader, Writer, put_asset, put_market, take_asset, take_market};
use model::decimal::MAX_DECIMALS;
use model::{
    AccountId, AssetId, Fees, HoldId, MarketId, Mixer, OrderId, OrderType, Price, SelfTrade, Sequence, Side, SourceId,
    SourceSeq, Timestamp, TradeId,
};

use crate::apply::Hold;
use crate::ledger::Balance;
use crate::orders::{Detail, Order};
use crate::seats::NONE;
use crate::{Book, Engine};

/// The version that is written.
const VERSION: u16 = 1;

/// Why bytes are not a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A version that this program does not know.
    #[error("snapshot version {0} is not known to this program; it was written by a newer one")]
    Version(u16),
    /// A field is damaged or missing.
    #[error("the snapshot cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// Fields contradict each other.
    #[error("the snapshot contradicts itself: {0}")]
    Inconsistent(&'static str),
}

/// Refuses a state that no engine can have written.
fn sound(holds: bool, otherwise: &'static str) -> Result<(), RestoreError> {
    if holds { Ok(()) } else { Err(RestoreError::Inconsistent(otherwise)) }
}

impl<B: Book> Engine<B> {
    /// Appends the whole state in one canonical order: equal states give equal bytes.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        let mut w = Writer(out);
        w.u16(VERSION);
        w.u64(self.sequence.0);
        w.u64(self.time.0);
        w.u64(self.events_hash.value());
        w.u64(self.last_hold.0);
        w.u64(self.last_order.0);
        self.put_registry(&mut w);
        let balances = self.ledger.sorted();
        w.u64(balances.len() as u64);
        for (account, asset, balance) in balances {
            w.u32(account.0);
            w.u16(asset.0);
            w.i64(balance.available);
            w.i64(balance.held);
        }
        w.u64(self.holds.len() as u64);
        for (id, hold) in &self.holds {
            w.u64(id.0);
            w.u32(hold.account.0);
            w.u16(hold.asset.0);
            w.i64(hold.remaining);
        }
        w.u64(self.orders.len() as u64);
        for position in self.markets.positions() {
            for side in [Side::Buy, Side::Sell] {
                self.markets.get(position).book.walk_orders(&self.orders, side, &mut |slot| {
                    self.put_order(&mut w, slot);
                    ControlFlow::Continue(())
                });
            }
        }
    }

    /// Sources, assets, markets and accounts.
    fn put_registry(&self, w: &mut Writer<'_>) {
        w.u64(self.sources.len() as u64);
        for (source, position) in &self.sources {
            w.u16(source.0);
            w.u64(position.0);
        }
        w.u64(self.markets.assets().count() as u64);
        self.markets.assets().for_each(|asset| put_asset(w, asset));
        w.u64(self.markets.positions().count() as u64);
        for position in self.markets.positions() {
            let state = self.markets.get(position);
            put_market(w, &state.market);
            w.u64(state.last_trade.0);
            w.i64(state.last_price.0);
        }
        w.u64(self.accounts.len() as u64);
        self.accounts.iter().for_each(|account| w.u32(account.0));
    }

    fn put_order(&self, w: &mut Writer<'_>, slot: u32) {
        let (order, detail) = (self.orders.get(slot), self.orders.detail(slot));
        w.u64(order.id.0);
        w.u32(self.seats.get(order.seat).account.0);
        w.u16(order.market.0);
        w.u8(order.side as u8);
        w.u8(order.order_type as u8);
        w.u8(order.self_trade as u8);
        w.i64(order.price);
        w.i64(order.remaining);
        w.i64(order.filled_quote);
        w.u32(order.maker_ppm);
        w.i64(detail.quantity);
        w.u64(detail.placed);
        w.u64(detail.updated);
        w.short(detail.client_id.as_bytes());
    }

    /// Builds an engine from what [`Engine::snapshot`] wrote. Everything is checked before the engine is given out.
    pub fn restore(bytes: &[u8]) -> Result<Self, RestoreError> {
        let mut r = Reader(bytes);
        let version = r.u16()?;
        if version != VERSION {
            return Err(RestoreError::Version(version));
        }
        let mut engine = Self::new();
        engine.sequence = Sequence(r.u64()?);
        engine.time = Timestamp(r.u64()?);
        engine.events_hash = Mixer::resume(r.u64()?);
        engine.last_hold = HoldId(r.u64()?);
        engine.last_order = OrderId(r.u64()?);
        engine.take_registry(&mut r)?;
        engine.take_money(&mut r)?;
        engine.take_orders(&mut r)?;
        r.end()?;
        let balanced = engine.markets.assets().all(|asset| engine.ledger.is_balanced(asset.id));
        if balanced { Ok(engine) } else { Err(RestoreError::Inconsistent("its ledger does not balance")) }
    }

    /// Balances, which rise by account and asset, and holds, which rise by id.
    fn take_money(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        let mut last = None;
        for _ in 0..r.u64()? {
            let owner = (AccountId(r.u32()?), AssetId(r.u16()?));
            let balance = Balance { available: r.i64()?, held: r.i64()? };
            sound(last.replace(owner) < Some(owner), "balances out of order")?;
            sound(self.knows(owner.0) && self.markets.asset(owner.1).is_some(), "a balance of nobody or nothing")?;
            sound(self.ledger.restore(owner.0, owner.1, balance), "a balance outside its range")?;
        }
        for _ in 0..r.u64()? {
            let id = HoldId(r.u64()?);
            let hold = Hold { account: AccountId(r.u32()?), asset: AssetId(r.u16()?), remaining: r.i64()? };
            sound(self.knows(hold.account) && self.markets.asset(hold.asset).is_some(), "a hold of nobody or nothing")?;
            sound(id <= self.last_hold && self.holds.range(id..).next().is_none(), "holds out of order")?;
            sound(hold.remaining > 0 && self.ledger.restore_need(hold.asset, hold.remaining), "a hold of no amount")?;
            self.holds.insert(id, hold);
        }
        Ok(())
    }

    fn take_registry(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        for _ in 0..r.u64()? {
            self.sources.insert(SourceId(r.u16()?), SourceSeq(r.u64()?));
        }
        for _ in 0..r.u64()? {
            let asset = take_asset(r)?;
            sound(asset.scale <= MAX_DECIMALS && self.markets.asset(asset.id).is_none(), "an invalid asset")?;
            self.ledger.add_asset(asset.id);
            self.markets.add_asset(asset);
        }
        for _ in 0..r.u64()? {
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
        }
        for _ in 0..r.u64()? {
            self.accounts.insert(AccountId(r.u32()?));
        }
        Ok(())
    }

    /// Orders stand in the order of the book; the lists of the seats go by order id.
    fn take_orders(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        let mut read = Vec::new();
        for _ in 0..r.u64()? {
            read.push(self.take_order(r)?);
        }
        let mut by_id: Vec<usize> = (0..read.len()).collect();
        by_id.sort_unstable_by_key(|&at| read[at].0.id);
        sound(by_id.windows(2).all(|pair| read[pair[0]].0.id < read[pair[1]].0.id), "two orders of one id")?;
        let mut slots = vec![NONE; read.len()];
        for at in by_id {
            let (order, detail) = read[at];
            slots[at] = self.orders.insert(&mut self.seats, order, detail);
        }
        for ((order, _), slot) in read.iter().zip(slots) {
            let missing = RestoreError::Inconsistent("an order of an unknown market");
            let position = self.markets.position(order.market).ok_or(missing)?;
            let state = self.markets.get(position);
            let (asset, need) = match order.side {
                Side::Buy => (state.market.quote, state.quote_amount(order.price, order.remaining)),
                Side::Sell => (state.market.base, state.base_amount(order.remaining)),
            };
            let fits = need.is_some_and(|need| self.ledger.restore_need(asset, need));
            sound(fits, "an order whose amounts do not fit")?;
            self.markets.get_mut(position).book.push(&mut self.orders, slot);
        }
        Ok(())
    }

    fn take_order(&mut self, r: &mut Reader<'_>) -> Result<(Order, Detail), RestoreError> {
        let id = OrderId(r.u64()?);
        let (account, market) = (AccountId(r.u32()?), MarketId(r.u16()?));
        let position =
            self.markets.position(market).ok_or(RestoreError::Inconsistent("an order of an unknown market"))?;
        let seat =
            self.seat(account, position).map_err(|_| RestoreError::Inconsistent("an order of an unknown account"))?;
        let side = r.code("side", Side::from_code)?;
        let order_type = r.code("order type", OrderType::from_code)?;
        let self_trade = r.code("self-trade mode", SelfTrade::from_code)?;
        let (price, remaining, filled_quote, maker_ppm) = (r.i64()?, r.i64()?, r.i64()?, r.u32()?);
        let detail = Detail { quantity: r.i64()?, placed: r.u64()?, updated: r.u64()?, client_id: r.client_id()? };
        let is_open = price > 0 && remaining > 0 && remaining <= detail.quantity && filled_quote >= 0;
        sound(is_open && order_type != OrderType::Market, "an order that cannot be open")?;
        sound(id <= self.last_order && maker_ppm <= Fees::MAX_PPM, "an order that was never taken in")?;
        let order = Order {
            id,
            price,
            remaining,
            filled_quote,
            seat,
            next: NONE,
            prev: NONE,
            own_next: NONE,
            own_prev: NONE,
            maker_ppm,
            market,
            side,
            order_type,
            self_trade,
            has_client_id: !detail.client_id.is_empty(),
        };
        Ok((order, detail))
    }
}
