//! Whether it is time to change a market's state, and whether the schedule may.

use model::{MarketState, Timestamp};

use crate::{Schedule, Standing};

/// Changes further back than this are not counted one by one after a downtime.
const LOOK_BACK_US: u64 = 40 * 86_400 * 1_000_000;

/// The last change of a market that was dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// When it was due.
    pub due: Timestamp,
    /// Whether it was passed over because somebody had set the state by hand.
    pub by_hand: bool,
}

/// The state that a market has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actual {
    /// The state.
    pub state: MarketState,
    /// When an auction ends by itself; [`Timestamp::NEVER`] otherwise.
    pub until: Timestamp,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing, until then; `None`: nothing any more.
    Wait(Option<Timestamp>),
    /// Give the market this state.
    Set {
        /// When the change was due.
        due: Timestamp,
        /// The state.
        standing: Standing,
    },
    /// Only note that the change was dealt with.
    Note {
        /// When the change was due.
        due: Timestamp,
        /// What the schedule says.
        standing: Standing,
        /// Somebody has set the market's state by hand: it stays. Otherwise the market is in this state already.
        by_hand: bool,
    },
}

/// Decides. `imported` is when the schedule came into force: it takes hold then, whatever the state was. After a downtime only
/// the last of the changes that were missed counts.
///
/// A market that is not in the state that the schedule left it in was set by hand and is left alone, also at later changes,
/// until it trades at a time when the schedule says so too.
pub fn decide(
    schedule: &Schedule,
    imported: Timestamp,
    last: Option<Last>,
    now: Timestamp,
    actual: Actual,
) -> Decision {
    if now < imported {
        return Decision::Wait(Some(imported));
    }
    let Some(last) = last.filter(|last| last.due >= imported) else {
        return act(imported, schedule.at(now), actual);
    };
    let Some(due) = latest_change(schedule, last.due, now) else {
        return Decision::Wait(schedule.next_change(now.max(last.due)));
    };
    let (said, standing) = (schedule.at(last.due).state, schedule.at(now));
    let is_open_as_said = is_open(said) && fits(said, actual);
    let trades_as_it_shall = standing.state == MarketState::Trading && actual.state == MarketState::Trading;
    let is_ours = is_open_as_said || trades_as_it_shall || (!last.by_hand && fits(said, actual));
    if is_ours { act(due, standing, actual) } else { Decision::Note { due, standing, by_hand: true } }
}

fn act(due: Timestamp, standing: Standing, actual: Actual) -> Decision {
    if (actual.state, actual.until) == (standing.state, standing.until) {
        return Decision::Note { due, standing, by_hand: false };
    }
    Decision::Set { due, standing }
}

const fn is_open(state: MarketState) -> bool {
    matches!(state, MarketState::Trading | MarketState::Auction)
}

/// Whether the market is in a state, or in one that follows by itself: an auction with an end becomes trading.
fn fits(said: MarketState, actual: Actual) -> bool {
    let ends = actual.state == MarketState::Auction && actual.until != Timestamp::NEVER;
    actual.state == said || (is_open(said) && (actual.state == MarketState::Trading || ends))
}

/// The last change after one instant and not after another.
fn latest_change(schedule: &Schedule, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let begin = after.max(Timestamp(now.0.saturating_sub(LOOK_BACK_US)));
    let mut found = (schedule.at(begin) != schedule.at(after)).then_some(begin);
    let mut at = begin;
    while let Some(next) = schedule.next_change(at).filter(|next| *next <= now) {
        if schedule.at(next) != schedule.at(at) {
            found = Some(next);
        }
        at = next;
    }
    found
}
