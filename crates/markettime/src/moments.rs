//! Local dates and times, and the instants that they name.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use model::Timestamp;

/// Seconds of a day of 24 hours.
pub(crate) const DAY: u32 = 86_400;

/// A zone of the IANA database.
pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("`{name}` is no IANA time zone such as `Europe/Berlin` or `UTC`"))
}

/// `HH:MM` or `HH:MM:SS`, up to `24:00`, as seconds since midnight.
pub(crate) fn time(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{text}` is no time of day: write it as HH:MM, up to 24:00");
    let mut parts = text.split(':');
    let mut part = |most: u32| {
        let part = parts.next().filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        part.parse::<u32>().ok().filter(|number| *number <= most)
    };
    let (hours, minutes) = (part(24).ok_or_else(wrong)?, part(59).ok_or_else(wrong)?);
    let seconds = if text.len() > 5 { part(59).ok_or_else(wrong)? } else { 0 };
    let all = hours * 3_600 + minutes * 60 + seconds;
    if parts.next().is_some() || all > DAY { Err(wrong()) } else { Ok(all) }
}

/// `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Result<Date, String> {
    let wrong = || format!("`{text}` is no date: write it as YYYY-MM-DD");
    if text.len() != 10 {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// `MM-DD`; the 29th of February is one.
pub(crate) fn day_of_year(text: &str) -> Result<(i8, i8), String> {
    // 2000 was a leap year.
    let date = date(&format!("2000-{text}")).map_err(|_| format!("`{text}` is no day: write it as MM-DD"))?;
    Ok((date.month(), date.day()))
}

/// `YYYY-MM-DDTHH:MM` or with seconds.
pub(crate) fn date_time(text: &str) -> Result<(Date, u32), String> {
    let wrong = || format!("`{text}` is no date and time: write it as YYYY-MM-DDTHH:MM");
    let (day, clock) = text.split_once(['T', ' ']).ok_or_else(wrong)?;
    Ok((date(day).map_err(|_| wrong())?, time(clock).map_err(|_| wrong())?))
}

/// When the clocks of a zone show a time, in seconds after midnight of a date, of which there may be more than a day has.
///
/// A time that the clocks pass over is taken as far behind the jump as it lies behind its beginning; one that they show twice
/// is the first. `None` outside of the years that can be counted.
pub(crate) fn instant(zone: &TimeZone, date: Date, seconds: u32) -> Option<Timestamp> {
    let date = date.checked_add(i64::from(seconds / DAY).days()).ok()?;
    let rest = seconds % DAY;
    let part = |number: u32| i8::try_from(number).ok();
    let clock = Time::new(part(rest / 3_600)?, part(rest / 60 % 60)?, part(rest % 60)?, 0).ok()?;
    let instant = zone.to_timestamp(DateTime::from_parts(date, clock)).ok()?;
    u64::try_from(instant.as_microsecond()).ok().map(Timestamp)
}

/// The date that the clocks of a zone show.
pub(crate) fn local_date(zone: &TimeZone, time: Timestamp) -> Option<Date> {
    let instant = jiff::Timestamp::from_microsecond(i64::try_from(time.0).ok()?).ok()?;
    Some(zone.to_datetime(instant).date())
}

/// A time as the clocks of a zone show it.
pub(crate) fn local_text(zone: &TimeZone, time: Timestamp) -> String {
    let instant = i64::try_from(time.0).ok().and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    instant.map_or_else(|| "never".to_owned(), |instant| instant.to_zoned_datetime(zone.clone()).to_string())
}

#[cfg(test)]
mod tests {
    use super::{date_time, day_of_year, instant, time, zone};
    use jiff::civil::date;

    #[test]
    fn times_of_day() {
        for (text, want) in
            [("00:00", 0), ("09:30", 34_200), ("09:30:15", 34_215), ("23:59:59", 86_399), ("24:00", 86_400)]
        {
            assert_eq!(time(text), Ok(want));
        }
        for text in ["", "9:30", "24:01", "12:60", "12:00:60", "1200", "12:00:00:00", "-1:00", "12:0a", "12:00 "] {
            assert!(time(text).is_err(), "{text}");
        }
        assert_eq!(day_of_year("02-29"), Ok((2, 29)));
        assert!(day_of_year("02-30").is_err() && day_of_year("2-3").is_err());
        assert_eq!(date_time("2026-12-01T02:30"), Ok((date(2026, 12, 1), 9_000)));
        assert!(date_time("2026-02-29T02:30").is_err(), "2026 has no such day");
        assert!(zone("Mars/Olympus").is_err());
    }

    #[test]
    fn times_that_the_clocks_pass_over_or_show_twice() {
        let new_york = zone("America/New_York").unwrap();
        let at = |month, day, text: &str| instant(&new_york, date(2026, month, day), time(text).unwrap()).unwrap().0;
        // 2026-03-08 02:00 EST is 03:00 EDT: half past two is half an hour behind that.
        assert_eq!(at(3, 8, "02:30"), 1_772_955_000_000_000);
        assert_eq!(at(3, 8, "03:30"), at(3, 8, "02:30"));
        // 2026-11-01 02:00 EDT is 01:00 EST: half past one is that of summer time, 05:30 UTC.
        assert_eq!(at(11, 1, "01:30"), 1_793_511_000_000_000);
        assert_eq!(at(11, 1, "24:00"), at(11, 2, "00:00"));
        assert_eq!(at(11, 2, "00:00") - at(11, 1, "00:00"), 25 * 3_600_000_000);
    }
}
