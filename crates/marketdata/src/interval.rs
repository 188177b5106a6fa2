use model::Timestamp;

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

macro_rules! intervals {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        /// Length of a candle. All boundaries are in UTC.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Interval {
            $($(#[$doc])* $name,)+
        }

        impl Interval {
            /// All intervals, shortest first.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The interval of this name (`1m`, `1M`, …), if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

intervals! {
    /// 1 second.
    S1 = "1s";
    /// 1 minute.
    M1 = "1m";
    /// 3 minutes.
    M3 = "3m";
    /// 5 minutes.
    M5 = "5m";
    /// 15 minutes.
    M15 = "15m";
    /// 30 minutes.
    M30 = "30m";
    /// 1 hour.
    H1 = "1h";
    /// 2 hours.
    H2 = "2h";
    /// 4 hours.
    H4 = "4h";
    /// 6 hours.
    H6 = "6h";
    /// 8 hours.
    H8 = "8h";
    /// 12 hours.
    H12 = "12h";
    /// 1 day.
    D1 = "1d";
    /// 3 days, counted from 1970-01-01.
    D3 = "3d";
    /// 1 week, from Monday.
    W1 = "1w";
    /// 1 calendar month.
    Mo1 = "1M";
}

impl Interval {
    /// Length in microseconds; `None` for the month, whose length varies.
    pub const fn length(self) -> Option<u64> {
        Some(match self {
            Self::S1 => SECOND,
            Self::M1 => MINUTE,
            Self::M3 => 3 * MINUTE,
            Self::M5 => 5 * MINUTE,
            Self::M15 => 15 * MINUTE,
            Self::M30 => 30 * MINUTE,
            Self::H1 => HOUR,
            Self::H2 => 2 * HOUR,
            Self::H4 => 4 * HOUR,
            Self::H6 => 6 * HOUR,
            Self::H8 => 8 * HOUR,
            Self::H12 => 12 * HOUR,
            Self::D1 => DAY,
            Self::D3 => 3 * DAY,
            Self::W1 => 7 * DAY,
            Self::Mo1 => return None,
        })
    }

    /// When the candle that holds this time opens.
    pub const fn open_time(self, time: Timestamp) -> Timestamp {
        let us = time.0;
        match self {
            Self::W1 => {
                // Day 0 was a Thursday, so Mondays are the days 4, 11, …; the days before the first count to it.
                let monday = (us / DAY + 3) / 7 * 7;
                Timestamp(monday.saturating_sub(3) * DAY)
            }
            Self::Mo1 => {
                let (year, month) = month_of(us / DAY);
                Timestamp(first_day(year, month) * DAY)
            }
            _ => match self.length() {
                Some(length) => Timestamp(us - us % length),
                None => time,
            },
        }
    }

    /// When the candle after the one that opens at `open` opens.
    pub const fn next(self, open: Timestamp) -> Timestamp {
        match self.length() {
            Some(length) => Timestamp(open.0.saturating_add(length)),
            None => {
                let (year, month) = month_of(open.0 / DAY);
                let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                Timestamp(first_day(year, month) * DAY)
            }
        }
    }

    /// When the candle `steps` before the one that opens at `open` opens; never before 1970.
    pub const fn back(self, open: Timestamp, steps: u64) -> Timestamp {
        match self.length() {
            Some(length) => self.open_time(Timestamp(open.0.saturating_sub(length.saturating_mul(steps)))),
            None => {
                let (year, month) = month_of(open.0 / DAY);
                let months = (year * 12 + month - 1).saturating_sub(steps);
                let (year, month) = (months / 12, months % 12 + 1);
                if year < 1970 { Timestamp(0) } else { Timestamp(first_day(year, month) * DAY) }
            }
        }
    }
}

/// Year and month (from 1) of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`, for days from 1970 on.
const fn month_of(day: u64) -> (u64, u64) {
    let shifted = day + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month)
}

/// The first day of a month, counted from 1970-01-01; the same source, `days_from_civil`.
const fn first_day(year: u64, month: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let year_of_era = year % 400;
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::{DAY, Interval};
    use model::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn boundaries() {
        // Saturday 2024-02-10 13:47:59.999999 UTC
        let time = Timestamp(1_707_572_879_999_999);
        for (interval, open, next) in [
            (Interval::S1, 1_707_572_879, 1_707_572_880),
            (Interval::M1, 1_707_572_820, 1_707_572_880),
            (Interval::M3, 1_707_572_700, 1_707_572_880),
            (Interval::M5, 1_707_572_700, 1_707_573_000),
            (Interval::M15, 1_707_572_700, 1_707_573_600),
            (Interval::M30, 1_707_571_800, 1_707_573_600),
            (Interval::H1, 1_707_570_000, 1_707_573_600),
            (Interval::H2, 1_707_566_400, 1_707_573_600),
            (Interval::H4, 1_707_566_400, 1_707_580_800),
            (Interval::H6, 1_707_566_400, 1_707_588_000),
            (Interval::H8, 1_707_552_000, 1_707_580_800),
            (Interval::H12, 1_707_566_400, 1_707_609_600),
            (Interval::D1, 1_707_523_200, 1_707_609_600),
            // Day 19,761 is a multiple of 3.
            (Interval::D3, 1_707_350_400, 1_707_609_600),
            // Monday 2024-02-05
            (Interval::W1, 1_707_091_200, 1_707_696_000),
            (Interval::Mo1, 1_706_745_600, 1_709_251_200),
        ] {
            assert_eq!(interval.open_time(time).0, open * 1_000_000, "{interval:?}");
            assert_eq!(interval.next(interval.open_time(time)).0, next * 1_000_000, "{interval:?}");
            assert_eq!(Interval::parse(interval.as_str()), Some(interval));
        }
        assert_eq!(Interval::ALL.len(), 16);
        assert_eq!(Interval::parse("1y"), None);
    }

    #[test]
    fn months_of_a_leap_year_and_a_year_end() {
        for (time, open, next) in [
            (1_709_164_800, 1_706_745_600, 1_709_251_200), // 2024-02-29
            (1_703_980_800, 1_701_388_800, 1_704_067_200), // 2023-12-31
            (951_782_400, 949_363_200, 951_868_800),       // 2000-02-29
            (0, 0, 2_678_400),
        ] {
            let opened = Interval::Mo1.open_time(Timestamp(time * 1_000_000));
            assert_eq!((opened.0, Interval::Mo1.next(opened).0), (open * 1_000_000, next * 1_000_000));
        }
        let march = Timestamp(1_709_251_200_000_000);
        assert_eq!(Interval::Mo1.back(march, 3).0, 1_701_388_800_000_000);
        assert_eq!(Interval::Mo1.back(march, 100_000).0, 0);
    }

    proptest! {
        #[test]
        fn a_time_lies_in_its_candle(us in 4 * DAY..8_000_000_000_000_000, index in 0usize..16, steps in 0u64..40) {
            let interval = Interval::ALL[index];
            let open = interval.open_time(Timestamp(us));
            prop_assert!(open.0 <= us && us < interval.next(open).0);
            prop_assert_eq!(interval.open_time(open), open);
            let mut forward = interval.back(open, steps);
            if forward.0 > 0 {
                for _ in 0..steps {
                    forward = interval.next(forward);
                }
                prop_assert_eq!(forward, open);
            }
        }
    }
}
