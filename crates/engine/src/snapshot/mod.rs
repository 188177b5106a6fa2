//! The state as bytes, and back. Versioned; the container around it (the journal's snapshot file) carries the checksum.
//!
//! Version 2. Version 1 knew neither contingent orders nor the events that are hashed since, so a state of that time cannot
//! go on: the journal is applied again instead.

mod orders;
mod registry;

use model::codec::{DecodeError, Reader, Writer};
use model::{AccountId, AssetId, HoldId, ListId, Mixer, OrderId, Sequence, Timestamp};

use crate::apply::Hold;
use crate::faults::Fault;
use crate::ledger::Balance;
use crate::{Book, Engine};

/// The version that is written.
const VERSION: u16 = 2;

/// Why bytes are not a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A version that this program does not know.
    #[error("snapshot version {0} is not known to this program; it was written by a newer one")]
    Version(u16),
    /// A version whose states cannot go on; the journal must be applied instead.
    #[error("snapshot version {0} is too old to go on from")]
    Outdated(u16),
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
        w.u64(self.last_list.0);
        self.put_registry(&mut w);
        let balances = self.ledger.sorted();
        w.u64(balances.len() as u64);
        for (account, asset, balance) in balances {
            w.u32(account.0);
            w.u16(asset.0);
            w.i64(balance.available);
            w.i64(balance.held);
        }
        let told = self.holds.len() - usize::from(self.has_fault(Fault::SnapshotMissesHold) && !self.holds.is_empty());
        w.u64(told as u64);
        for (id, hold) in self.holds.iter().take(told) {
            w.u64(id.0);
            w.u32(hold.account.0);
            w.u16(hold.asset.0);
            w.i64(hold.remaining);
        }
        self.put_orders(&mut w);
    }

    /// Builds an engine from what [`Engine::snapshot`] wrote. Everything is checked before the engine is given out.
    pub fn restore(bytes: &[u8]) -> Result<Self, RestoreError> {
        let mut r = Reader(bytes);
        match r.u16()? {
            VERSION => {}
            old @ 0..VERSION => return Err(RestoreError::Outdated(old)),
            new => return Err(RestoreError::Version(new)),
        }
        let mut engine = Self::new();
        engine.sequence = Sequence(r.u64()?);
        engine.time = Timestamp(r.u64()?);
        engine.events_hash = Mixer::resume(r.u64()?);
        engine.last_hold = HoldId(r.u64()?);
        engine.last_order = OrderId(r.u64()?);
        engine.last_list = ListId(r.u64()?);
        engine.take_registry(&mut r)?;
        engine.take_money(&mut r)?;
        engine.take_orders(&mut r)?;
        r.end()?;
        let balanced = engine.markets.assets().all(|asset| engine.ledger.is_balanced(asset.id));
        sound(balanced && engine.ledger.needs_what_it_holds(), "its ledger does not balance")?;
        engine.look_ahead();
        Ok(engine)
    }

    /// Balances, which rise by account and asset, and holds, which rise by id.
    fn take_money(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        let mut last = None;
        for _ in 0..r.u64()? {
            let owner = (AccountId(r.u32()?), AssetId(r.u16()?));
            let balance = Balance { available: r.i64()?, held: r.i64()? };
            sound(last.replace(owner) < Some(owner), "balances out of order")?;
            sound(balance != Balance::default(), "a balance of nothing")?;
            sound(self.knows(owner.0) && self.markets.asset(owner.1).is_some(), "a balance of nobody or nothing")?;
            sound(self.ledger.restore(owner.0, owner.1, balance), "a balance outside its range")?;
        }
        for _ in 0..r.u64()? {
            let id = HoldId(r.u64()?);
            let hold = Hold { account: AccountId(r.u32()?), asset: AssetId(r.u16()?), remaining: r.i64()? };
            sound(self.knows(hold.account) && self.markets.asset(hold.asset).is_some(), "a hold of nobody or nothing")?;
            sound(id <= self.last_hold && self.holds.range(id..).next().is_none(), "holds out of order")?;
            let balance = self.ledger.slot(hold.account, hold.asset);
            let counts = hold.remaining > 0 && self.ledger.restore_need(balance, hold.asset, hold.remaining);
            sound(counts, "a hold of no amount")?;
            self.holds.insert(id, hold);
        }
        Ok(())
    }
}
