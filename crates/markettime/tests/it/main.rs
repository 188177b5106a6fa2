//! Schedules: the calendar, the decisions, and their record on both databases.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod calendar;
mod decisions;
mod rules;
mod schedules;

use markettime::{Schedule, Standing, parse_file};
use model::{MarketState, Timestamp};

const SECOND: u64 = 1_000_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// Weekdays in New York, with an opening auction of five minutes.
const WALL_STREET: &str = r#"
zone = "America/New_York"
[[market.session]]
days = ["mon", "tue", "wed", "thu", "fri"]
opens = "09:30"
closes = "16:00"
auction_s = 300
"#;

/// The schedule of a market with these rules.
fn schedule(rules: &str) -> Schedule {
    Schedule::new(&parse_file(&format!("[[market]]\nsymbol = \"BTCUSDT\"\n{rules}")).unwrap()[0]).unwrap()
}

/// A time in UTC: `2026-11-25 14:30`, also with seconds.
fn utc(text: &str) -> Timestamp {
    let number = |range: std::ops::Range<usize>| text.get(range).map_or(0, |part| part.parse::<u64>().unwrap());
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum::<u64>()
        + lengths.iter().take(usize::try_from(month - 1).unwrap()).sum::<u64>()
        + day
        - 1;
    Timestamp(days * DAY + number(11..13) * HOUR + number(14..16) * 60 * SECOND + number(17..19) * SECOND)
}

/// The next changes as `state from`, the state first that holds before them.
fn changes(schedule: &Schedule, from: &str, count: usize) -> Vec<(MarketState, Timestamp)> {
    let mut at = utc(from);
    let mut found = vec![(schedule.at(at).state, at)];
    while found.len() <= count {
        let Some(next) = schedule.next_change(at) else { break };
        assert_ne!(schedule.at(next), schedule.at(Timestamp(next.0 - 1)), "a change changes something");
        found.push((schedule.at(next).state, next));
        at = next;
    }
    found
}

/// Compares changes with `state` and `UTC time` pairs.
#[track_caller]
fn check(schedule: &Schedule, want: &[(MarketState, &str)]) {
    let want: Vec<(MarketState, Timestamp)> = want.iter().map(|(state, time)| (*state, utc(time))).collect();
    let first = &want[0];
    let mut found = vec![(schedule.at(first.1).state, first.1)];
    let mut at = first.1;
    for _ in 1..want.len() {
        let Some(next) = schedule.next_change(at) else { break };
        found.push((schedule.at(next).state, next));
        at = next;
    }
    assert_eq!(found, want);
}

fn standing(state: MarketState) -> Standing {
    Standing { state, until: Timestamp::NEVER }
}
