//! What happens because its time has come.

use model::{ClientOrderId, CloseReason, Event, MarketState as State, StateCause, Timestamp};

use crate::command::Switch;
use crate::heap::Heap;
use crate::{Book, Engine};

/// The next thing that time brings about, in order of precedence at one deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Order(u32),
    Countdown(Switch),
    Market(usize),
}

impl<B: Book> Engine<B> {
    /// When something happens by itself next, if anything does: the host sends a `Tick` then, unless another command comes.
    /// It may be earlier than needed, never later.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        (self.next_due != u64::MAX).then_some(Timestamp(self.next_due))
    }

    /// Notes that something happens at a time, if it is one.
    #[inline]
    pub(crate) fn expect_at(&mut self, deadline: Timestamp) {
        if deadline != Timestamp::NEVER {
            self.next_due = self.next_due.min(deadline.0);
        }
    }

    /// Finds out when something happens next.
    pub(crate) fn look_ahead(&mut self) {
        self.next_due = self.first_due().map_or(u64::MAX, |(deadline, _)| deadline.0);
    }

    /// Lets everything happen that is due, earliest first.
    #[cold]
    pub(crate) fn catch_up(&mut self, events: &mut Vec<Event>) {
        while let Some((deadline, due)) = self.first_due() {
            if deadline > self.time {
                break;
            }
            match due {
                Due::Order(slot) => {
                    let market = self.seats.get(self.orders.get(slot).seat).market;
                    let position = self.markets.position(market).expect("the market of an open order exists");
                    self.close(position, slot, CloseReason::Deadline, ClientOrderId::EMPTY, events);
                    self.settle_market(position, events);
                }
                Due::Countdown(switch) => self.fire_countdown(switch, events),
                Due::Market(position) => self.market_is_due(position, events),
            }
        }
        self.look_ahead();
    }

    /// At one deadline an auction's end comes before the telling of its price.
    fn market_is_due(&mut self, position: usize, events: &mut Vec<Event>) {
        let state = self.markets.get(position);
        let ends = state.until != Timestamp::NEVER && state.until <= self.time;
        let tells_before = state.indication.is_stale && state.indication.next_at < state.until.0;
        if ends && !tells_before {
            self.change_state(position, State::Trading, Timestamp::NEVER, StateCause::Deadline, events);
        } else {
            self.tell_indication(position, events);
        }
    }

    fn first_due(&self) -> Option<(Timestamp, Due)> {
        let order = self.orders.least().map(|slot| (Timestamp(self.orders.extra(slot).expire_at), Due::Order(slot)));
        let countdown = self.countdowns.first().map(|(deadline, switch)| (deadline, Due::Countdown(switch)));
        let market = self.markets.positions().filter_map(|position| {
            let state = self.markets.get(position);
            let told_at = state.indication.is_stale.then_some(Timestamp(state.indication.next_at));
            let until = (state.until != Timestamp::NEVER).then_some(state.until);
            let deadline = [told_at, until].into_iter().flatten().min()?;
            (state.state == State::Auction).then_some((deadline, Due::Market(position)))
        });
        // `min_by_key` keeps the first of equals.
        [order, countdown].into_iter().flatten().chain(market).min_by_key(|(deadline, _)| *deadline)
    }
}
