//! What an operator writes: the rules of a market, as text.

use model::MarketState;
use serde::{Deserialize, Serialize};

use crate::{Error, Schedule};

/// Markets that may have a schedule.
pub const MAX_SCHEDULES: usize = 1_000;
/// Sessions of one schedule.
pub const MAX_SESSIONS: usize = 32;
/// Holidays of one schedule: ten years of them.
pub const MAX_HOLIDAYS: usize = 400;
/// Maintenance windows of one schedule.
pub const MAX_MAINTENANCE: usize = 200;
/// Characters of a holiday's or maintenance window's name.
pub const MAX_NAME_CHARS: usize = 100;

/// What is allowed while a market does not trade, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClosedState {
    /// Orders that rest come in.
    PostOnly,
    /// Orders are cancelled, nothing else.
    CancelOnly,
    /// Nothing.
    #[default]
    Halt,
}

impl From<ClosedState> for MarketState {
    fn from(state: ClosedState) -> Self {
        match state {
            ClosedState::PostOnly => Self::PostOnly,
            ClosedState::CancelOnly => Self::CancelOnly,
            ClosedState::Halt => Self::Halt,
        }
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// The schedule of a market. All times are of the zone's clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The market's name.
    pub symbol: String,
    /// IANA time zone of the rules that name no other, for instance `America/New_York`.
    pub zone: String,
    /// State outside of sessions, and in holidays that name no other.
    #[serde(default)]
    pub closed: ClosedState,
    /// When it trades; without any it always does.
    #[serde(default, rename = "session", skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Session>,
    /// When it does not all the same.
    #[serde(default, rename = "holiday", skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Work on it that was planned, once each.
    #[serde(default, rename = "maintenance", skip_serializing_if = "Vec::is_empty")]
    pub maintenance: Vec<Maintenance>,
}

/// Hours of trading on some days of each week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// On which days it opens.
    pub days: Vec<Day>,
    /// When: `HH:MM` or `HH:MM:SS`.
    pub opens: String,
    /// When it closes, `24:00` at the latest; at or before `opens` means on the next day.
    pub closes: String,
    /// For so many seconds before it opens orders are collected in an auction, at most a day; zero: no auction.
    #[serde(default)]
    pub auction_s: u32,
    /// Time zone, if not the schedule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Days without trading, or parts of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// What is celebrated.
    pub name: String,
    /// The first day: `YYYY-MM-DD` once, or `MM-DD` every year.
    pub date: String,
    /// How many days, 1 to 366.
    #[serde(default = "one_day")]
    pub days: u16,
    /// When it begins on the first day.
    #[serde(default = "midnight")]
    pub from: String,
    /// When it ends on the last day.
    #[serde(default = "end_of_day")]
    pub until: String,
    /// State in it, if not the schedule's `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ClosedState>,
    /// Time zone, if not the schedule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// A span of time in which something is worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// What is done.
    pub name: String,
    /// When it begins: `YYYY-MM-DDTHH:MM`.
    pub from: String,
    /// When it ends.
    pub until: String,
    /// State in it.
    #[serde(default)]
    pub state: ClosedState,
    /// Time zone, if not the schedule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

const fn one_day() -> u16 {
    1
}

fn midnight() -> String {
    "00:00".to_owned()
}

fn end_of_day() -> String {
    "24:00".to_owned()
}

/// The rules of a file: one `[[market]]` for each.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    market: Vec<Rules>,
}

/// Reads and checks a file in TOML with one `[[market]]` for each schedule.
///
/// # Errors
/// [`Error::File`], [`Error::Rule`] for the first rule that cannot be, [`Error::TooManySchedules`].
pub fn parse_file(text: &str) -> Result<Vec<Rules>, Error> {
    let File { market } = toml::from_str(text)?;
    if market.len() > MAX_SCHEDULES {
        return Err(Error::TooManySchedules);
    }
    for (index, rules) in market.iter().enumerate() {
        Schedule::new(rules)?;
        if market.iter().take(index).any(|other| other.symbol == rules.symbol) {
            let what = "the market stands in the file twice".to_owned();
            return Err(Error::Rule { symbol: rules.symbol.clone(), what });
        }
    }
    Ok(market)
}

/// Writes the file that [`parse_file`] reads.
///
/// # Errors
/// [`Error::Unusable`] when the rules cannot be written, which none that were read are.
pub fn write_file(market: Vec<Rules>) -> Result<String, Error> {
    let symbol = market.first().map(|rules| rules.symbol.clone()).unwrap_or_default();
    toml::to_string(&File { market }).map_err(|error| Error::Unusable { symbol, what: error.to_string() })
}
