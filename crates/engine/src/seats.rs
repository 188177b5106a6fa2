//! An account's seat in a market: its two balances and its open orders there, found with one look-up.

use hashbrown::HashTable;
use model::{AccountId, MarketId};

use crate::ledger::BalanceSlot;

/// No order, or no seat: the end of a linked list.
pub(crate) const NONE: u32 = u32::MAX;

/// What one account has in one market.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    pub(crate) account: AccountId,
    pub(crate) market: MarketId,
    pub(crate) base: BalanceSlot,
    pub(crate) quote: BalanceSlot,
    pub(crate) open_orders: u32,
    /// Open orders in order of their ids, as a list through the order pool.
    pub(crate) first: u32,
    pub(crate) last: u32,
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
    #[inline]
    pub(crate) fn find(&self, account: AccountId, market: MarketId) -> Option<u32> {
        let is_it = |&seat: &u32| {
            let seat = &self.seats[seat as usize];
            seat.account == account && seat.market == market
        };
        self.index.find(hash(account, market), is_it).copied()
    }

    pub(crate) fn add(&mut self, account: AccountId, market: MarketId, base: BalanceSlot, quote: BalanceSlot) -> u32 {
        let number = u32::try_from(self.seats.len()).expect("memory ends before 2^32 seats");
        self.seats.push(Seat { account, market, base, quote, open_orders: 0, first: NONE, last: NONE });
        let seats = &self.seats;
        self.index.insert_unique(hash(account, market), number, |&other| {
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
