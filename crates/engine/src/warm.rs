//! Bringing what the next commands need into the processor's caches.
//!
//! A command walks from table to seat to balances, and from table to order to neighbours: each step waits for memory when
//! the state is large. Taken for many commands at once, one step after the other, the waits overlap. Nothing is changed, and
//! nothing is decided by it.

use std::hint::black_box;

use model::{Command, MarketId, OrderId, Target};

use crate::seats::NONE;
use crate::{Book, Engine};

/// States with fewer seats and orders than this are in the caches anyway.
const LARGE: usize = 1 << 15;
/// How many commands are looked at together: as many as the processor can have waiting.
const TOGETHER: usize = 16;

/// What a command will need.
#[derive(Debug, Clone, Copy)]
struct Needs {
    seat: u32,
    order: u32,
}

impl<B: Book> Engine<B> {
    /// Reads ahead what these commands will need. Worth calling before a batch; of no effect on small states.
    pub fn warm<'a>(&self, commands: impl IntoIterator<Item = &'a Command>) {
        if self.seats.len() + self.orders.len() < LARGE {
            return;
        }
        let mut commands = commands.into_iter();
        loop {
            let mut needs = [Needs { seat: NONE, order: NONE }; TOGETHER];
            let mut count = 0;
            for (need, command) in needs.iter_mut().zip(commands.by_ref().take(TOGETHER)) {
                *need = self.look_up(command);
                count += 1;
            }
            if count == 0 {
                return;
            }
            self.touch(&needs[..count]);
        }
    }

    fn look_up(&self, command: &Command) -> Needs {
        let (account, market, order): (_, MarketId, Option<OrderId>) = match command {
            Command::Place(place) => (place.account, place.market, None),
            Command::CancelReplace(replace) => (replace.place.account, replace.place.market, order_of(&replace.target)),
            Command::Cancel { account, market, target, .. } => (*account, *market, order_of(target)),
            Command::Modify { account, market, order, .. } => (*account, *market, Some(*order)),
            Command::Amend(amend) => (amend.account, amend.market, order_of(&amend.target)),
            _ => return Needs { seat: NONE, order: NONE },
        };
        Needs {
            seat: self.seats.find(account, market).unwrap_or(NONE),
            order: order.and_then(|id| self.orders.find(id)).unwrap_or(NONE),
        }
    }

    fn touch(&self, needs: &[Needs]) {
        let mut sum = 0;
        let mut neighbours = [[NONE; 4]; TOGETHER];
        for (need, around) in needs.iter().zip(&mut neighbours) {
            if need.seat != NONE {
                let seat = self.seats.get(need.seat);
                sum ^= self.ledger.available(seat.base) ^ self.ledger.available(seat.quote);
                around[0] = seat.last;
            }
            if need.order != NONE {
                let order = self.orders.get(need.order);
                *around = [order.prev, order.next, order.own_prev, order.own_next];
                sum ^= self.orders.detail(need.order).quantity;
            }
        }
        for slot in neighbours.into_iter().flatten().filter(|&slot| slot != NONE) {
            sum ^= self.orders.get(slot).price;
        }
        black_box(sum);
    }
}

const fn order_of(target: &Target) -> Option<OrderId> {
    match target {
        Target::Order(id) | Target::Both(id, _) => Some(*id),
        Target::Client(_) => None,
    }
}
