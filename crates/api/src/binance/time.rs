//! The one place that turns times into numbers of the wire, and back.

use model::Timestamp;

use crate::Error;

/// The unit of times in an answer, chosen by the header `X-MBX-TIME-UNIT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// The default.
    #[default]
    Millisecond,
    /// What the program counts in.
    Microsecond,
}

/// From here on a time that a client sent is in microseconds: as milliseconds it would lie beyond the year 5100.
const FIRST_MICROSECONDS: u64 = 100_000_000_000_000;

impl TimeUnit {
    /// By its name, in upper or lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "MILLISECOND" | "millisecond" => Some(Self::Millisecond),
            "MICROSECOND" | "microsecond" => Some(Self::Microsecond),
            _ => None,
        }
    }

    /// The number to show for a time.
    pub const fn show(self, time: Timestamp) -> u64 {
        match self {
            Self::Millisecond => time.millis(),
            Self::Microsecond => time.0,
        }
    }

    /// The number to show for the last instant of a span, whose next one begins at `next`.
    pub const fn show_last_before(self, next: Timestamp) -> u64 {
        match self {
            Self::Millisecond => next.millis().saturating_sub(1),
            Self::Microsecond => next.0.saturating_sub(1),
        }
    }
}

/// A time that a client sent, in milliseconds or microseconds; whichever, it is seen by its size.
///
/// # Errors
/// [`Error::InvalidData`] naming the parameter when it does not fit.
pub(crate) fn read(name: &'static str, number: u64) -> Result<Timestamp, Error> {
    if number >= FIRST_MICROSECONDS {
        return if number <= i64::MAX as u64 { Ok(Timestamp(number)) } else { Err(Error::InvalidData(name)) };
    }
    // Below 10^14, so that a thousand times as much fits.
    Ok(Timestamp(number * 1_000))
}

#[cfg(test)]
mod tests {
    use super::{TimeUnit, read};
    use model::Timestamp;

    #[test]
    fn reads_both_units_and_shows_both() {
        for (number, want) in
            [(0, 0), (1_499_827_319_559, 1_499_827_319_559_000), (1_499_827_319_559_123, 1_499_827_319_559_123)]
        {
            assert_eq!(read("timestamp", number).ok(), Some(Timestamp(want)));
        }
        assert!(read("timestamp", u64::MAX).is_err());
        let time = Timestamp(1_499_827_319_559_123);
        assert_eq!(TimeUnit::Millisecond.show(time), 1_499_827_319_559);
        assert_eq!(TimeUnit::Microsecond.show(time), 1_499_827_319_559_123);
        assert_eq!(TimeUnit::Millisecond.show_last_before(Timestamp(60_000_000)), 59_999);
    }
}
