use std::fmt;

use model::Timestamp;

use crate::Interval;

const MINUTE: u64 = 60_000_000;

/// How many minutes the clock of a time zone stands before UTC (after it when negative): `-12:00` to `+14:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// No offset.
    pub const UTC: Self = Self(0);
    /// The least, in minutes.
    const FIRST: i16 = -12 * 60;
    /// The greatest, in minutes.
    const LAST: i16 = 14 * 60;

    /// So many minutes before UTC; `None` outside of `-12:00` to `+14:00`.
    pub const fn new(minutes: i16) -> Option<Self> {
        if Self::FIRST <= minutes && minutes <= Self::LAST { Some(Self(minutes)) } else { None }
    }

    /// Minutes before UTC.
    pub const fn minutes(self) -> i16 {
        self.0
    }

    /// Reads hours with or without minutes, as the Binance page "General endpoints" has them in `timeZone`: `8`, `-1:00`,
    /// `05:45`, `+08:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "00"));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=2).contains(&hours.len()) || minutes.len() != 2 || !is_number(hours) || !is_number(minutes) {
            return None;
        }
        let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
        if minutes >= 60 {
            return None;
        }
        let sum = hours * 60 + minutes;
        Self::new(if negative { -sum } else { sum })
    }

    /// What a clock of the zone shows, as if it were UTC.
    const fn local(self, time: Timestamp) -> Timestamp {
        let shift = self.0.unsigned_abs() as u64 * MINUTE;
        Timestamp(if self.0 < 0 { time.0.saturating_sub(shift) } else { time.0.saturating_add(shift) })
    }

    /// When a clock of the zone shows this; never before 1970.
    const fn universal(self, local: Timestamp) -> Timestamp {
        let shift = self.0.unsigned_abs() as u64 * MINUTE;
        Timestamp(if self.0 < 0 { local.0.saturating_add(shift) } else { local.0.saturating_sub(shift) })
    }
}

impl fmt::Display for UtcOffset {
    /// `+08:00`, as in the names of streams.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.unsigned_abs();
        write!(f, "{}{:02}:{:02}", if self.0 < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    }
}

/// Where candles begin and end: their length, and the clock by which days, weeks and months begin. An [`Interval`] alone
/// is one of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Frame {
    /// Length.
    pub interval: Interval,
    /// The clock.
    pub offset: UtcOffset,
}

impl From<Interval> for Frame {
    fn from(interval: Interval) -> Self {
        interval.at(UtcOffset::UTC)
    }
}

impl Interval {
    /// The interval by the clock of a time zone.
    pub const fn at(self, offset: UtcOffset) -> Frame {
        Frame { interval: self, offset }
    }
}

impl Frame {
    /// When the candle that holds this time opens.
    pub const fn open_time(self, time: Timestamp) -> Timestamp {
        self.offset.universal(self.interval.open_time(self.offset.local(time)))
    }

    /// When the candle after the one that opens at `open` opens.
    pub const fn next(self, open: Timestamp) -> Timestamp {
        self.offset.universal(self.interval.next(self.offset.local(open)))
    }

    /// When the candle `steps` before the one that opens at `open` opens; never before 1970.
    pub const fn back(self, open: Timestamp, steps: u64) -> Timestamp {
        self.offset.universal(self.interval.back(self.offset.local(open), steps))
    }

    /// The longest of second, minute, hour and day (of UTC) that these candles are a whole number of: what they are joined
    /// from. Days of a zone are made of hours, and when its offset is not whole hours, all but the shortest of minutes.
    pub const fn base(self) -> Interval {
        let whole_hours = self.offset.0 % 60 == 0;
        match self.interval {
            Interval::S1 => Interval::S1,
            Interval::M1 | Interval::M3 | Interval::M5 | Interval::M15 | Interval::M30 => Interval::M1,
            _ if !whole_hours => Interval::M1,
            Interval::D1 | Interval::D3 | Interval::W1 | Interval::Mo1 if self.offset.0 == 0 => Interval::D1,
            _ => Interval::H1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, UtcOffset};
    use crate::Interval;
    use model::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn offsets_are_read_and_shown() {
        for (text, minutes, shown) in [
            ("0", 0, "+00:00"),
            ("8", 480, "+08:00"),
            ("-1:00", -60, "-01:00"),
            ("05:45", 345, "+05:45"),
            ("+08:00", 480, "+08:00"),
            ("-12:00", -720, "-12:00"),
            ("14:00", 840, "+14:00"),
            ("-0:30", -30, "-00:30"),
        ] {
            let offset = UtcOffset::parse(text).unwrap();
            assert_eq!((offset.minutes(), offset.to_string().as_str()), (minutes, shown), "{text}");
            assert_eq!(UtcOffset::parse(shown), Some(offset));
        }
        for text in
            ["", "+", "-", ":", "8:", ":30", "8:5", "8:60", "14:01", "-12:01", "008", "+-8", "8:+5", "8 ", "é:00"]
        {
            assert_eq!(UtcOffset::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_begin_by_the_clock_of_the_zone() {
        // Saturday 2024-02-10 17:00 UTC is Sunday 01:00 in UTC+8 and 22:45 in UTC+5:45.
        let time = Timestamp(1_707_584_400_000_000);
        let utc = |text: &str, interval: Interval| interval.at(UtcOffset::parse(text).unwrap());
        for (frame, open, next) in [
            (utc("8", Interval::D1), 1_707_580_800, 1_707_667_200),
            (utc("-1:00", Interval::D1), 1_707_526_800, 1_707_613_200),
            (utc("5:45", Interval::H1), 1_707_581_700, 1_707_585_300),
            (utc("8", Interval::H1), 1_707_584_400, 1_707_588_000),
            // The week of Monday 2024-02-05, the month of February.
            (utc("8", Interval::W1), 1_707_062_400, 1_707_667_200),
            (utc("8", Interval::Mo1), 1_706_716_800, 1_709_222_400),
        ] {
            assert_eq!(frame.open_time(time).0, open * 1_000_000, "{frame:?}");
            assert_eq!(frame.next(frame.open_time(time)).0, next * 1_000_000, "{frame:?}");
        }
        for (text, interval, base) in [
            ("8", Interval::D1, Interval::H1),
            ("8", Interval::H4, Interval::H1),
            ("8", Interval::M30, Interval::M1),
            ("5:45", Interval::H1, Interval::M1),
            ("5:45", Interval::Mo1, Interval::M1),
            ("5:45", Interval::S1, Interval::S1),
            ("0", Interval::W1, Interval::D1),
        ] {
            assert_eq!(utc(text, interval).base(), base, "{text} {interval:?}");
        }
    }

    proptest! {
        #[test]
        fn a_candle_is_a_whole_number_of_its_base(
            us in 400_000_000_000_000u64..8_000_000_000_000_000,
            index in 0usize..16,
            minutes in -720i16..=840,
            steps in 0u64..40,
        ) {
            let frame = Frame { interval: Interval::ALL[index], offset: UtcOffset::new(minutes).unwrap() };
            let open = frame.open_time(Timestamp(us));
            let next = frame.next(open);
            prop_assert!(open.0 <= us && us < next.0);
            prop_assert_eq!(frame.open_time(open), open);
            prop_assert_eq!(frame.base().open_time(open), open);
            prop_assert_eq!(frame.base().open_time(next), next);
            let mut forward = frame.back(open, steps);
            for _ in 0..steps {
                forward = frame.next(forward);
            }
            prop_assert_eq!(forward, open);
        }

        #[test]
        fn without_an_offset_it_is_the_interval(us in any::<u64>(), index in 0usize..16) {
            let (interval, time) = (Interval::ALL[index], Timestamp(us / 2));
            prop_assert_eq!(Frame::from(interval).open_time(time), interval.open_time(time));
        }
    }
}
