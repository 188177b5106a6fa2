//! When the schedule acts, and when it leaves a market alone.

use markettime::{Actual, Decision, Last, Schedule, Standing, decide};
use model::MarketState::{self, Auction, Halt, PostOnly, Trading};
use model::Timestamp;

use crate::{WALL_STREET, schedule, standing, utc};

/// A market under a schedule; the test is the clock and the operator.
struct Market {
    schedule: Schedule,
    imported: Timestamp,
    last: Option<Last>,
    actual: Actual,
}

impl Market {
    fn new(imported: &str) -> Self {
        let actual = Actual { state: Trading, until: Timestamp::NEVER };
        Self { schedule: schedule(WALL_STREET), imported: utc(imported), last: None, actual }
    }

    fn decide(&self, now: &str) -> Decision {
        decide(&self.schedule, self.imported, self.last, utc(now), self.actual)
    }

    /// Decides and does it.
    fn act(&mut self, now: &str) -> Decision {
        let decision = self.decide(now);
        match decision {
            Decision::Set { due, standing } => {
                self.last = Some(Last { due, by_hand: false });
                self.set(standing);
            }
            Decision::Note { due, by_hand, .. } => self.last = Some(Last { due, by_hand }),
            Decision::Wait(_) => {}
        }
        decision
    }

    fn set(&mut self, standing: Standing) {
        self.actual = Actual { state: standing.state, until: standing.until };
    }

    fn by_hand(&mut self, state: MarketState) {
        self.set(standing(state));
    }
}

fn set(due: &str, state: MarketState) -> Decision {
    Decision::Set { due: utc(due), standing: standing(state) }
}

fn note(due: &str, state: MarketState, by_hand: bool) -> Decision {
    Decision::Note { due: utc(due), standing: standing(state), by_hand }
}

fn auction(due: &str, until: &str) -> Decision {
    Decision::Set { due: utc(due), standing: Standing { state: Auction, until: utc(until) } }
}

#[test]
fn a_schedule_takes_hold_when_it_comes_into_force_and_then_acts_at_its_changes() {
    let mut market = Market::new("2026-11-24 22:00");
    assert_eq!(market.act("2026-11-24 21:00"), Decision::Wait(Some(utc("2026-11-24 22:00"))));
    assert_eq!(market.act("2026-11-24 22:00"), set("2026-11-24 22:00", Halt));
    assert_eq!(market.act("2026-11-25 14:00"), Decision::Wait(Some(utc("2026-11-25 14:25"))));
    assert_eq!(market.act("2026-11-25 14:25"), auction("2026-11-25 14:25", "2026-11-25 14:30"));
    // The engine ends the auction by itself.
    market.by_hand(Trading);
    assert_eq!(market.act("2026-11-25 14:30"), note("2026-11-25 14:30", Trading, false));
    assert_eq!(market.act("2026-11-25 21:00"), set("2026-11-25 21:00", Halt));
    assert_eq!(market.act("2026-11-25 21:00"), Decision::Wait(Some(utc("2026-11-26 14:25"))));
}

#[test]
fn after_a_downtime_only_the_last_change_counts() {
    let mut market = Market::new("2026-11-23 15:00");
    assert_eq!(market.act("2026-11-23 15:00"), note("2026-11-23 15:00", Trading, false));
    // Down from Monday's session to Wednesday's.
    assert_eq!(market.decide("2026-11-25 16:00"), note("2026-11-25 14:30", Trading, false), "it trades, as it shall");
    // Or to Wednesday night.
    assert_eq!(market.act("2026-11-26 03:00"), set("2026-11-25 21:00", Halt));
    // A year passes.
    assert_eq!(market.decide("2027-11-29 20:00"), set("2027-11-29 14:30", Trading));
    // The auction was missed by most of its time: it ends when it would have.
    assert_eq!(market.decide("2026-11-30 14:29"), auction("2026-11-30 14:25", "2026-11-30 14:30"));
}

#[test]
fn a_clock_that_is_set_back_does_not_repeat_a_change() {
    let mut market = Market::new("2026-11-24 22:00");
    market.act("2026-11-24 22:00");
    assert_eq!(market.act("2026-11-25 14:30"), set("2026-11-25 14:30", Trading));
    assert_eq!(market.decide("2026-11-25 14:20"), Decision::Wait(Some(utc("2026-11-25 21:00"))));
    assert_eq!(market.decide("2026-11-24 20:00"), Decision::Wait(Some(utc("2026-11-24 22:00"))));
}

#[test]
fn an_emergency_halt_is_not_lifted_until_somebody_opens_the_market() {
    let mut market = Market::new("2026-11-23 15:00");
    market.act("2026-11-23 15:00");
    market.by_hand(Halt);
    assert_eq!(market.act("2026-11-23 20:00"), Decision::Wait(Some(utc("2026-11-23 21:00"))), "nothing is due");
    // At the close the schedule wants the same state, which does not make it its own.
    assert_eq!(market.act("2026-11-23 21:00"), note("2026-11-23 21:00", Halt, true));
    let until = utc("2026-11-24 14:30");
    let auction = Standing { state: Auction, until };
    let passed_over = Decision::Note { due: utc("2026-11-24 14:25"), standing: auction, by_hand: true };
    assert_eq!(market.act("2026-11-24 14:25"), passed_over);
    assert_eq!(market.act("2026-11-24 14:30"), note("2026-11-24 14:30", Trading, true));
    assert_eq!(market.act("2026-11-24 21:00"), note("2026-11-24 21:00", Halt, true));
    // Opened during a session, it follows again from the close on.
    assert_eq!(market.act("2026-11-25 15:00"), note("2026-11-25 14:30", Trading, true));
    market.by_hand(Trading);
    assert_eq!(market.act("2026-11-25 21:00"), set("2026-11-25 21:00", Halt));
    assert_eq!(market.act("2026-11-26 14:25"), self::auction("2026-11-26 14:25", "2026-11-26 14:30"));
}

#[test]
fn other_states_by_hand_stay_too() {
    for state in [PostOnly, Auction, MarketState::CancelOnly] {
        let mut market = Market::new("2026-11-23 15:00");
        market.act("2026-11-23 15:00");
        market.by_hand(state);
        assert_eq!(market.act("2026-11-23 21:00"), note("2026-11-23 21:00", Halt, true), "{state:?}");
    }
    // Opened too early by hand: at the opening all is as it shall be.
    let mut market = Market::new("2026-11-23 22:00");
    market.act("2026-11-23 22:00");
    market.by_hand(Trading);
    let Decision::Note { by_hand: true, .. } = market.act("2026-11-24 14:25") else {
        panic!("an auction would close a market that somebody has opened")
    };
    assert_eq!(market.act("2026-11-24 14:30"), note("2026-11-24 14:30", Trading, false));
    assert_eq!(market.act("2026-11-24 21:00"), set("2026-11-24 21:00", Halt));
}

#[test]
fn an_auction_that_ends_by_itself_is_no_hand() {
    let mut market = Market::new("2026-11-23 15:00");
    market.act("2026-11-23 15:00");
    // The price moved too far a minute before the close.
    market.set(Standing { state: Auction, until: utc("2026-11-23 21:01") });
    assert_eq!(market.act("2026-11-23 21:00"), set("2026-11-23 21:00", Halt));
}

#[test]
fn an_import_takes_hold_whatever_the_state_was() {
    let mut market = Market::new("2026-11-23 15:00");
    market.act("2026-11-23 15:00");
    market.by_hand(Halt);
    market.act("2026-11-23 21:00");
    market.imported = utc("2026-11-24 15:00");
    assert_eq!(market.act("2026-11-24 15:01"), set("2026-11-24 15:00", Trading));
    assert_eq!(market.act("2026-11-24 21:00"), set("2026-11-24 21:00", Halt));
}
