//! Times of a cron expression in a time zone: croner finds them, jiff knows the zones.
//!
//! Across a change of the clock this is what croner does, after Vixie's cron: what falls into an hour that does not exist is carried
//! out at its end, and what is at a fixed time in an hour that comes twice is carried out once.

use std::cmp::Ordering;

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::time::{CivilDateTime, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use crate::Error;

/// Bytes of an expression, at most.
const MAX_CRON_BYTES: usize = 100;

/// When something is to be done, again and again.
#[derive(Debug)]
pub(crate) struct Calendar {
    cron: Cron,
    zone: TimeZone,
}

impl Calendar {
    /// Reads a cron expression of five fields, or of six with seconds in front, and the name of a time zone such as `Europe/Zurich`.
    pub(crate) fn parse(cron: &str, zone: &str) -> Result<Self, Error> {
        let wrong = |what, why: String| Error::Invalid { what, why };
        if cron.len() > MAX_CRON_BYTES {
            return Err(wrong("cron expression", format!("it may have {MAX_CRON_BYTES} bytes")));
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let read = parser.parse(cron).map_err(|error| wrong("cron expression", error.to_string()))?;
        let zone = TimeZone::get(zone).map_err(|error| wrong("time zone", error.to_string()))?;
        Ok(Self { cron: read, zone })
    }

    /// The first time after this one, in microseconds since 1970.
    pub(crate) fn after(&self, us: u64) -> Result<u64, Error> {
        let never = |why: String| Error::Invalid { what: "cron expression", why };
        let us = i64::try_from(us).unwrap_or(i64::MAX);
        let from = Timestamp::from_microsecond(us).map_err(|error| never(error.to_string()))?;
        let from = Moment(from.to_zoned_datetime(self.zone.clone()));
        let next = self.cron.find_next_occurrence(&from, false).map_err(|error| never(error.to_string()))?;
        // The expression counts in seconds, and what it finds may bear the fraction of the time from which it looked.
        let second = next.0.timestamp().as_second();
        u64::try_from(second).map(|second| second * 1_000_000).map_err(|_| never("it is over".to_owned()))
    }
}

/// A time in a zone, as croner wants it. croner brings this for an older jiff only.
#[derive(Debug, Clone)]
struct Moment(ZonedDateTime);

impl CronDateTime for Moment {
    fn to_civil(&self) -> CivilDateTime {
        let part = |part: i8| u32::try_from(part).unwrap_or(0);
        let time = self.0.datetime();
        let day = (i32::from(time.year()), part(time.month()), part(time.day()));
        CivilDateTime::from_ymd_hms_opt(
            day.0,
            day.1,
            day.2,
            part(time.hour()),
            part(time.minute()),
            part(time.second()),
        )
        .expect("a time of jiff is a time")
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(u32::try_from(self.0.weekday().to_sunday_zero_offset()).unwrap_or(0))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |part: u32| i8::try_from(part).map_err(|_| CronError::InvalidTime);
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let (month, day) = (part(civil.month())?, part(civil.day())?);
        let (hour, minute, second) = (part(civil.hour())?, part(civil.minute())?, part(civil.second())?);
        let time = DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| CronError::InvalidDate)?;
        let found = self.0.time_zone().to_ambiguous_zoned_datetime(time);
        let moment = |zoned: Result<ZonedDateTime, jiff::Error>| zoned.map(Self).map_err(|_| CronError::InvalidTime);
        Ok(match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(moment(found.unambiguous())?),
            AmbiguousOffset::Fold { .. } => {
                Resolution::Ambiguous(moment(found.clone().earlier())?, moment(found.later())?)
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::Calendar;

    fn us(text: &str) -> u64 {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond().cast_unsigned()
    }

    fn times(cron: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let calendar = Calendar::parse(cron, zone).unwrap();
        let mut now = us(from);
        let next = |now: &mut u64| {
            *now = calendar.after(*now).unwrap();
            jiff::Timestamp::from_microsecond(now.cast_signed()).unwrap().to_string()
        };
        (0..count).map(|_| next(&mut now)).collect()
    }

    #[test]
    fn times_follow_the_clock_on_the_wall() {
        let from = "2026-03-28T00:00:00.5Z";
        assert_eq!(times("0 8 * * *", "UTC", from, 2), ["2026-03-28T08:00:00Z", "2026-03-29T08:00:00Z"]);
        // Europe goes forward on the 29th.
        assert_eq!(times("0 8 * * *", "Europe/Zurich", from, 2), ["2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"]);
        // 02:30 does not exist on that day, and the day is not left out for it.
        let gap = times("30 2 * * *", "Europe/Zurich", from, 3);
        assert_eq!(gap, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
        // 02:30 comes twice on the 25th of October, and is carried out once.
        let fold = times("30 2 * * *", "Europe/Zurich", "2026-10-24T12:00:00Z", 2);
        assert_eq!(fold, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        assert_eq!(times("*/15 * * * * *", "UTC", from, 1), ["2026-03-28T00:00:15Z"]);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (cron, zone) in [
            ("", "UTC"),
            ("* * *", "UTC"),
            ("61 * * * *", "UTC"),
            ("* * * * *", "Mars/Base"),
            ("0 0 1 1 * * 2030", "UTC"),
        ] {
            assert!(Calendar::parse(cron, zone).is_err(), "{cron} {zone}");
        }
        // It reads well and never comes.
        let never = Calendar::parse("0 0 30 2 *", "UTC").unwrap();
        assert!(never.after(0).is_err());
    }
}
