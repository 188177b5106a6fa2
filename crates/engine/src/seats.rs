//! An account's seat in a market: its two balances, its fees and its open orders there, found with one look-up.

use hashbrown::HashTable;
use model::{AccountId, Fees, MarketId};

use crate::ledger::BalanceSlot;

/// No order, or no seat: the end of a linked list.
pub(crate) const NONE: u32 = u32::MAX;

/// What one account has in one market: one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Seat {
    pub(crate) account: AccountId,
    /// The master account of a sub-account, else the account itself: orders of one group do not trade with each other.
    pub(crate) group: AccountId,
    pub(crate) base: BalanceSlot,
    pub(crate) quote: BalanceSlot,
    pub(crate) open_orders: u32,
    /// Those of `open_orders` that are contingent.
    pub(crate) algo_orders: u32,
    /// Open orders in order of their ids, as a list through the order pool.
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// What the fee schedule says for new orders, as of its version.
    pub(crate) fees: Fees,
    pub(crate) fees_version: u32,
    pub(crate) market: MarketId,
}

/// All seats. They are made at the first order and follow from other state, so no hash or snapshot contains them.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    index: HashTable<u32>,
    seats: Vec<Seat>,
}

fn hash(account: AccountId, market: MarketId) -> u64 {
    let key = u64::from(account.0) << 16 | u64::from(market.0);
    model::spread(key)
}

impl Seats {
    pub(crate) fn len(&self) -> usize {
        self.seats.len()
    }

    #[inline]
    pub(crate) fn find(&self, account: AccountId, market: MarketId) -> Option<u32> {
        let is_it = |&seat: &u32| {
            let seat = &self.seats[seat as usize];
            seat.account == account && seat.market == market
        };
        self.index.find(hash(account, market), is_it).copied()
    }

    pub(crate) fn add(&mut self, seat: Seat) -> u32 {
        let number = u32::try_from(self.seats.len()).expect("memory ends before 2^32 seats");
        self.seats.push(seat);
        let seats = &self.seats;
        self.index.insert_unique(hash(seat.account, seat.market), number, |&other| {
            let seat = &seats[other as usize];
            hash(seat.account, seat.market)
        });
        number
    }

    #[inline]
    pub(crate) fn get(&self, seat: u32) -> &Seat {
        &self.seats[seat as usize]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, seat: u32) -> &mut Seat {
        &mut self.seats[seat as usize]
    }
}
