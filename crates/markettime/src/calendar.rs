//! What a schedule says at an instant, and when it says something else. Pure: time goes in, a state comes out.

use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{MarketState, Symbol, Timestamp};

use crate::moments::{DAY, date, date_time, day_of_year, instant, local_date, local_text, time, zone};
use crate::rules::{
    ClosedState, Holiday, MAX_HOLIDAYS, MAX_MAINTENANCE, MAX_NAME_CHARS, MAX_SESSIONS, Maintenance, Rules, Session,
};
use crate::{Error, rules::Day};

/// Days around an instant whose sessions and auctions may hold at it: one before, for those over midnight, one after, for those
/// whose auction begins a day before, and one more for the zones' midnights.
const NEAR_DAYS: RangeInclusive<i32> = -2..=2;
/// Days whose sessions are looked at for the next change.
const AHEAD_DAYS: RangeInclusive<i32> = -2..=16;
/// How far all of them are known then.
const AHEAD_US: u64 = 14 * 86_400 * 1_000_000;
/// Years whose holidays may hold at an instant: they last a year at most.
const NEAR_YEARS: RangeInclusive<i16> = -2..=1;
/// Years whose holidays are looked at for the next change: the 29th of February comes again after eight years at the latest.
const AHEAD_YEARS: RangeInclusive<i16> = -2..=9;
/// Begins and ends of rules that are tried for the next change, and spans of two weeks, before it is put off.
const MOST_STEPS: usize = 512;
const MOST_SPANS: usize = 64;

/// What a market's state is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: MarketState,
    /// When an auction ends by itself, and the session opens; [`Timestamp::NEVER`] in other states.
    pub until: Timestamp,
}

impl Standing {
    const TRADING: Self = Self { state: MarketState::Trading, until: Timestamp::NEVER };

    fn closed(state: ClosedState) -> Self {
        Self { state: state.into(), until: Timestamp::NEVER }
    }
}

/// The rules of a market, checked and ready to be asked.
#[derive(Debug, Clone)]
pub struct Schedule {
    zone: TimeZone,
    closed: ClosedState,
    sessions: Vec<Hours>,
    closures: Vec<Closure>,
    yearly: Vec<Yearly>,
}

#[derive(Debug, Clone)]
struct Hours {
    zone: TimeZone,
    /// From Monday on.
    days: [bool; 7],
    /// Seconds after midnight; `closes` may lie on the next day.
    opens: u32,
    closes: u32,
    auction_us: u64,
}

/// No trading from an instant until before another.
#[derive(Debug, Clone, Copy)]
struct Closure {
    from: Timestamp,
    until: Timestamp,
    state: ClosedState,
}

impl Closure {
    fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

#[derive(Debug, Clone)]
struct Yearly {
    zone: TimeZone,
    month: i8,
    day: i8,
    from: u32,
    until: u32,
    state: ClosedState,
}

impl Yearly {
    /// None in a year without the day.
    fn of_year(&self, year: i16) -> Option<Closure> {
        closure(&self.zone, Date::new(year, self.month, self.day).ok()?, self.from, self.until, self.state)
    }
}

/// Hours of trading on one day, as instants.
#[derive(Debug, Clone, Copy)]
struct Open {
    opens: Timestamp,
    closes: Timestamp,
    auction: Timestamp,
}

impl Schedule {
    /// Checks the rules.
    ///
    /// # Errors
    /// [`Error::Rule`] with what is wrong.
    pub fn new(rules: &Rules) -> Result<Self, Error> {
        Self::read(rules).map_err(|what| Error::Rule { symbol: rules.symbol.clone(), what })
    }

    fn read(rules: &Rules) -> Result<Self, String> {
        Symbol::new(&rules.symbol).ok_or("the symbol is no name of a market such as BTCUSDT")?;
        for (count, most, what) in [
            (rules.sessions.len(), MAX_SESSIONS, "sessions"),
            (rules.holidays.len(), MAX_HOLIDAYS, "holidays"),
            (rules.maintenance.len(), MAX_MAINTENANCE, "maintenance windows"),
        ] {
            if count > most {
                return Err(format!("it has {count} {what}, and may have at most {most}"));
            }
        }
        let mut schedule = Self {
            zone: zone(&rules.zone)?,
            closed: rules.closed,
            sessions: Vec::new(),
            closures: Vec::new(),
            yearly: Vec::new(),
        };
        for session in &rules.sessions {
            schedule.sessions.push(hours(session, &rules.zone)?);
        }
        for holiday in &rules.holidays {
            schedule.add_holiday(holiday, &rules.zone).map_err(|what| format!("holiday `{}`: {what}", holiday.name))?;
        }
        for window in &rules.maintenance {
            let read = maintenance(window, &rules.zone);
            schedule.closures.push(read.map_err(|what| format!("maintenance `{}`: {what}", window.name))?);
        }
        Ok(schedule)
    }

    fn add_holiday(&mut self, holiday: &Holiday, usual: &str) -> Result<(), String> {
        check_name(&holiday.name)?;
        if !(1..=366).contains(&holiday.days) {
            return Err(format!("it lasts {} days, and may last 1 to 366", holiday.days));
        }
        let zone = zone(holiday.zone.as_deref().unwrap_or(usual))?;
        let state = holiday.state.unwrap_or(self.closed);
        let (from, until) = (time(&holiday.from)?, time(&holiday.until)?);
        let until = (u32::from(holiday.days) - 1) * DAY + until;
        if until <= from {
            return Err("it ends before it begins".to_owned());
        }
        if holiday.date.len() == 5 {
            let (month, day) = day_of_year(&holiday.date)?;
            self.yearly.push(Yearly { zone, month, day, from, until, state });
        } else {
            let first = date(&holiday.date)?;
            self.closures.push(closure(&zone, first, from, until, state).ok_or("its date is too far away")?);
        }
        Ok(())
    }

    /// What the market's state is to be at this instant: of all rules that apply the strictest counts.
    pub fn at(&self, at: Timestamp) -> Standing {
        let closure = self.closure(at);
        if self.sessions.is_empty() {
            return closure.map_or(Standing::TRADING, Standing::closed);
        }
        let hours = self.hours(at, NEAR_DAYS);
        if hours.iter().any(|hours| hours.opens <= at && at < hours.closes) {
            return closure.map_or(Standing::TRADING, Standing::closed);
        }
        if let Some(state) = closure {
            return Standing::closed(state.max(self.closed));
        }
        let next = hours.iter().map(|hours| hours.opens).filter(|opens| *opens > at).min();
        let auction = hours.iter().filter(|hours| Some(hours.opens) == next).map(|hours| hours.auction).min();
        match (next, auction) {
            // Nothing opens into a holiday.
            (Some(opens), Some(auction)) if auction <= at && self.closure(opens).is_none() => {
                Standing { state: MarketState::Auction, until: opens }
            }
            _ => Standing::closed(self.closed),
        }
    }

    /// When the state changes next; `None`: never again. With very many rules that change nothing it may be earlier than the
    /// change: then it is time to ask again.
    pub fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        let now = self.at(after);
        let (mut begin, mut steps) = (after, 0);
        for _ in 0..MOST_SPANS {
            let known = if self.sessions.is_empty() { u64::MAX } else { begin.0.saturating_add(AHEAD_US) };
            for boundary in self.boundaries(begin).into_iter().filter(|boundary| boundary.0 <= known) {
                steps += 1;
                if steps > MOST_STEPS || self.at(boundary) != now {
                    return Some(boundary);
                }
            }
            if self.sessions.is_empty() {
                return None;
            }
            begin = Timestamp(known);
        }
        Some(begin)
    }

    /// A time as the clocks of the schedule's zone show it, for instance `2026-11-25T09:30:00-05:00[America/New_York]`.
    pub fn local(&self, time: Timestamp) -> String {
        local_text(&self.zone, time)
    }

    /// The strictest closure at an instant.
    fn closure(&self, at: Timestamp) -> Option<ClosedState> {
        self.closures(at, NEAR_YEARS).filter(|closure| closure.holds(at)).map(|closure| closure.state).max()
    }

    /// The closures that may matter around an instant.
    fn closures(&self, at: Timestamp, years: RangeInclusive<i16>) -> impl Iterator<Item = Closure> {
        let yearly = self.yearly.iter().flat_map(move |rule| {
            let year = local_date(&rule.zone, at).map_or(0, Date::year);
            years.clone().filter_map(move |off| rule.of_year(year + off))
        });
        self.closures.iter().copied().chain(yearly)
    }

    /// The hours of the days around an instant.
    fn hours(&self, at: Timestamp, days: RangeInclusive<i32>) -> Vec<Open> {
        let mut hours = Vec::new();
        for session in &self.sessions {
            let Some(today) = local_date(&session.zone, at) else { continue };
            hours.extend(days.clone().filter_map(|off| session.on(today.checked_add(off.days()).ok()?)));
        }
        hours
    }

    /// When something of a rule begins or ends after an instant, ascending.
    fn boundaries(&self, after: Timestamp) -> Vec<Timestamp> {
        let hours = self.hours(after, AHEAD_DAYS);
        let of_hours = hours.iter().flat_map(|hours| [hours.auction, hours.opens, hours.closes]);
        let of_closures = self.closures(after, AHEAD_YEARS).flat_map(|closure| [closure.from, closure.until]);
        let mut found: Vec<Timestamp> = of_hours.chain(of_closures).filter(|boundary| *boundary > after).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Hours {
    /// The hours that begin on a date; none when it is not one of the days, or when the clocks pass over them.
    fn on(&self, date: Date) -> Option<Open> {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
        if !self.days[weekday] {
            return None;
        }
        let (opens, closes) = (instant(&self.zone, date, self.opens)?, instant(&self.zone, date, self.closes)?);
        let auction = Timestamp(opens.0.saturating_sub(self.auction_us));
        (opens < closes).then_some(Open { opens, closes, auction })
    }
}

fn hours(session: &Session, usual: &str) -> Result<Hours, String> {
    if session.days.is_empty() {
        return Err("a session has no days, such as [\"mon\", \"tue\"]".to_owned());
    }
    if session.auction_s > DAY {
        return Err(format!("an auction lasts {} seconds, and may last at most {DAY}", session.auction_s));
    }
    let (opens, closes) = (time(&session.opens)?, time(&session.closes)?);
    if opens == DAY {
        return Err("a session opens at 24:00: write 00:00 of the next day".to_owned());
    }
    let mut days = [false; 7];
    for day in &session.days {
        days[weekday(*day)] = true;
    }
    Ok(Hours {
        zone: zone(session.zone.as_deref().unwrap_or(usual))?,
        days,
        opens,
        closes: if closes <= opens { closes + DAY } else { closes },
        auction_us: u64::from(session.auction_s) * 1_000_000,
    })
}

const fn weekday(day: Day) -> usize {
    match day {
        Day::Mon => 0,
        Day::Tue => 1,
        Day::Wed => 2,
        Day::Thu => 3,
        Day::Fri => 4,
        Day::Sat => 5,
        Day::Sun => 6,
    }
}

fn maintenance(window: &Maintenance, usual: &str) -> Result<Closure, String> {
    check_name(&window.name)?;
    let zone = zone(window.zone.as_deref().unwrap_or(usual))?;
    let far = "its time is too far away";
    let (day, seconds) = date_time(&window.from)?;
    let from = instant(&zone, day, seconds).ok_or(far)?;
    let (day, seconds) = date_time(&window.until)?;
    let until = instant(&zone, day, seconds).ok_or(far)?;
    if until <= from {
        return Err("it ends before it begins".to_owned());
    }
    Ok(Closure { from, until, state: window.state })
}

fn closure(zone: &TimeZone, first: Date, from: u32, until: u32, state: ClosedState) -> Option<Closure> {
    Some(Closure { from: instant(zone, first, from)?, until: instant(zone, first, until)?, state })
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(format!("the name must have 1 to {MAX_NAME_CHARS} characters and no control characters"));
    }
    Ok(())
}
