//! Double-entry ledger: what each account has of each asset, available and held.

use hashbrown::HashTable;
use model::{AccountId, AssetId, system};

/// What an account has of an asset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) available: i64,
    pub(crate) held: i64,
}

/// Where a balance stands; stays valid for the ledger's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BalanceSlot(pub(crate) u32);

/// Running totals of one asset, for the cheap check after every command.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    /// Sum over all accounts, available and held. Zero between commands.
    sum: i64,
    /// Sum of what is held.
    held: i64,
    /// What open orders and holds need; counted by those who own them, not by the ledger.
    needed: i64,
    /// What the accounts that stand for the outside have given out. Together with what FEES lacks, when rebates took it below
    /// zero, never above `i64::MAX`: so no credit can overflow.
    issued: i64,
}

/// All balances.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    index: HashTable<u32>,
    owners: Vec<(AccountId, AssetId)>,
    balances: Vec<Balance>,
    totals: Vec<Totals>,
    /// What of each held amount nothing has asked for yet, while a snapshot is restored; empty otherwise.
    unneeded: Vec<Option<i64>>,
}

const IMPOSSIBLE: &str = "a balance cannot leave the range of issued money";

fn hash(account: AccountId, asset: AssetId) -> u64 {
    let key = u64::from(account.0) << 16 | u64::from(asset.0);
    model::spread(key)
}

impl Ledger {
    /// The slot of a balance; made when it is new.
    pub(crate) fn slot(&mut self, account: AccountId, asset: AssetId) -> BalanceSlot {
        let hash_value = hash(account, asset);
        if let Some(&slot) = self.index.find(hash_value, |&slot| self.owners[slot as usize] == (account, asset)) {
            return BalanceSlot(slot);
        }
        let slot = u32::try_from(self.owners.len()).expect("memory ends before 2^32 balances");
        self.owners.push((account, asset));
        self.balances.push(Balance::default());
        let owners = &self.owners;
        self.index.insert_unique(hash_value, slot, |&other| {
            let (account, asset) = owners[other as usize];
            hash(account, asset)
        });
        BalanceSlot(slot)
    }

    #[inline]
    pub(crate) fn available(&self, slot: BalanceSlot) -> i64 {
        self.balances[slot.0 as usize].available
    }

    /// Adds to (or, when negative, takes from) the available amount.
    #[inline]
    pub(crate) fn post(&mut self, slot: BalanceSlot, asset: AssetId, delta: i64) {
        let balance = &mut self.balances[slot.0 as usize];
        balance.available = balance.available.checked_add(delta).expect(IMPOSSIBLE);
        let totals = &mut self.totals[asset.0 as usize];
        totals.sum = totals.sum.wrapping_add(delta);
    }

    /// Takes from the available amount of an account that may not have less than nothing.
    #[inline]
    pub(crate) fn pay(&mut self, slot: BalanceSlot, asset: AssetId, amount: i64) {
        let balance = &mut self.balances[slot.0 as usize];
        balance.available = balance.available.checked_sub(amount).filter(|left| *left >= 0).expect(IMPOSSIBLE);
        let totals = &mut self.totals[asset.0 as usize];
        totals.sum = totals.sum.wrapping_sub(amount);
    }

    /// Whether FEES can pay a rebate without taking issued money out of its range.
    pub(crate) fn fits_rebate(&self, fees: BalanceSlot, asset: AssetId, rebate: i64) -> bool {
        let left = i128::from(self.available(fees)) - i128::from(rebate);
        left >= 0 || i128::from(self.totals[asset.0 as usize].issued) - left <= i128::from(i64::MAX)
    }

    /// All that an account has of an asset.
    pub(crate) fn total(&self, slot: BalanceSlot) -> i128 {
        let balance = &self.balances[slot.0 as usize];
        i128::from(balance.available) + i128::from(balance.held)
    }

    /// Takes from the held amount what an order or a hold no longer needs, paying it away.
    #[inline]
    pub(crate) fn pay_held(&mut self, slot: BalanceSlot, asset: AssetId, amount: i64) {
        let balance = &mut self.balances[slot.0 as usize];
        balance.held = balance.held.checked_sub(amount).filter(|held| *held >= 0).expect(IMPOSSIBLE);
        let totals = &mut self.totals[asset.0 as usize];
        totals.sum = totals.sum.wrapping_sub(amount);
        totals.held -= amount;
    }

    /// Moves from available to held, or back when negative.
    #[inline]
    pub(crate) fn hold(&mut self, slot: BalanceSlot, asset: AssetId, delta: i64) {
        let balance = &mut self.balances[slot.0 as usize];
        let available = balance.available.checked_sub(delta);
        balance.available = available.filter(|left| delta < 0 || *left >= 0).expect(IMPOSSIBLE);
        balance.held = balance.held.checked_add(delta).filter(|held| *held >= 0).expect(IMPOSSIBLE);
        self.totals[asset.0 as usize].held += delta;
    }

    /// Counts what the owners of holds need: the other side of the check on what is held.
    #[inline]
    pub(crate) fn need(&mut self, asset: AssetId, delta: i64) {
        self.totals[asset.0 as usize].needed += delta;
    }

    /// Whether a transfer keeps issued money and the accounts that may be negative inside their range. The other accounts
    /// never leave theirs, since they share what is issued.
    pub(crate) fn fits(&mut self, from: AccountId, to: AccountId, asset: AssetId, amount: i64) -> bool {
        let (gives, takes) = (system::may_be_negative(from), system::may_be_negative(to));
        let (payer, receiver) = (self.slot(from, asset), self.slot(to, asset));
        // The range is symmetric, so that what one of the two accounts lacks the other can have.
        let pays = !gives || self.available(payer).checked_sub(amount).is_some_and(|left| left > i64::MIN);
        let receives = !(gives && takes) || self.available(receiver).checked_add(amount).is_some();
        let fees = self.slot(system::FEES, asset);
        let lacking = self.available(fees).min(0).checked_neg().unwrap_or(i64::MAX);
        let outside = self.totals[asset.0 as usize].issued.checked_add(lacking).and_then(|sum| sum.checked_add(amount));
        let issues = !gives || takes || outside.is_some();
        pays && receives && issues
    }

    /// Moves an amount between two accounts; the caller has checked that it may.
    pub(crate) fn transfer(&mut self, from: AccountId, to: AccountId, asset: AssetId, amount: i64) {
        let (payer, receiver) = (self.slot(from, asset), self.slot(to, asset));
        self.post(payer, asset, -amount);
        self.post(receiver, asset, amount);
        self.count_issued(to, asset, -amount);
        self.count_issued(from, asset, amount);
    }

    /// Keeps the count of issued money when an account that may be negative pays or receives.
    pub(crate) fn count_issued(&mut self, account: AccountId, asset: AssetId, delta: i64) {
        if system::may_be_negative(account) {
            let issued = &mut self.totals[asset.0 as usize].issued;
            *issued = issued.checked_add(delta).expect(IMPOSSIBLE);
        }
    }

    /// Makes room for an asset's totals.
    pub(crate) fn add_asset(&mut self, asset: AssetId) {
        let len = usize::from(asset.0) + 1;
        if self.totals.len() < len {
            self.totals.resize(len, Totals::default());
        }
    }

    /// The check after every command. Panics when money appeared, vanished, or is held for nothing.
    #[inline]
    pub(crate) fn assert_balanced(&self, asset: AssetId) {
        let totals = &self.totals[asset.0 as usize];
        assert!(totals.sum == 0, "asset {asset}: the sum over all accounts is {}, not zero", totals.sum);
        assert!(
            totals.held == totals.needed,
            "asset {asset}: {} is held where orders and holds need {}",
            totals.held,
            totals.needed
        );
    }

    /// Whether an asset passes the check that [`Ledger::assert_balanced`] makes.
    pub(crate) fn is_balanced(&self, asset: AssetId) -> bool {
        let totals = &self.totals[asset.0 as usize];
        totals.sum == 0 && totals.held == totals.needed
    }

    /// All balances that are not zero, by account and asset.
    pub(crate) fn sorted(&self) -> Vec<(AccountId, AssetId, Balance)> {
        let mut all: Vec<_> = self
            .owners
            .iter()
            .zip(&self.balances)
            .filter(|(_, balance)| **balance != Balance::default())
            .map(|(&(account, asset), &balance)| (account, asset, balance))
            .collect();
        all.sort_unstable_by_key(|&(account, asset, _)| (account, asset));
        all
    }

    /// Puts a balance in place while a snapshot is restored; `false` when no account could have it.
    pub(crate) fn restore(&mut self, account: AccountId, asset: AssetId, balance: Balance) -> bool {
        let slot = self.slot(account, asset);
        self.balances[slot.0 as usize] = balance;
        let may_be_negative = system::may_be_negative(account);
        let floor = if may_be_negative || account == system::FEES { -i64::MAX } else { 0 };
        let totals = &mut self.totals[asset.0 as usize];
        totals.sum = totals.sum.wrapping_add(balance.available).wrapping_add(balance.held);
        let issued = totals.issued.checked_sub(if may_be_negative { balance.available } else { 0 });
        let (Some(held), Some(issued)) = (totals.held.checked_add(balance.held), issued) else { return false };
        (totals.held, totals.issued) = (held, issued);
        balance.available >= floor && balance.held >= 0
    }

    /// [`Ledger::need`] while a snapshot is restored, for this balance; `false` when it needs more than is held.
    pub(crate) fn restore_need(&mut self, slot: BalanceSlot, asset: AssetId, amount: i64) -> bool {
        self.unneeded.resize(self.balances.len(), None);
        let held = self.balances[slot.0 as usize].held;
        let unneeded = &mut self.unneeded[slot.0 as usize];
        *unneeded = unneeded.unwrap_or(held).checked_sub(amount).filter(|left| *left >= 0);
        let needed = &mut self.totals[asset.0 as usize].needed;
        let sum = needed.checked_add(amount).map(|sum| *needed = sum);
        sum.is_some() && unneeded.is_some()
    }

    /// Ends a restore: whether every balance holds exactly what its orders and holds need.
    pub(crate) fn needs_what_it_holds(&mut self) -> bool {
        let mut unneeded = std::mem::take(&mut self.unneeded);
        unneeded.resize(self.balances.len(), None);
        self.balances.iter().zip(unneeded).all(|(balance, left)| left.unwrap_or(balance.held) == 0)
    }
}
