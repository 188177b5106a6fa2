//! Time as an argument: whoever needs the time takes a [`Clock`].

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A source of time, in microseconds.
pub trait Clock: Send + Sync + Debug {
    /// Microseconds since 1970-01-01 00:00 UTC, without leap seconds. May jump when the machine's clock is set.
    fn now_us(&self) -> u64;
    /// Microseconds since some fixed moment of this process. Never goes back; for intervals only.
    fn monotonic_us(&self) -> u64;
}

/// The clock of the machine.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts at zero now.
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    fn now_us(&self) -> u64 {
        // A machine set to before 1970 reads as 1970: every signed request is then stale, which is the safe answer.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A clock that moves only when told: for tests and simulations.
#[derive(Debug, Default)]
pub struct ManualClock {
    now_us: AtomicU64,
    monotonic_us: AtomicU64,
}

impl ManualClock {
    /// A clock that shows `now_us`; its monotonic time starts at zero.
    pub fn at(now_us: u64) -> Self {
        Self { now_us: AtomicU64::new(now_us), monotonic_us: AtomicU64::new(0) }
    }

    /// Moves both times forward.
    pub fn advance_us(&self, by_us: u64) {
        self.now_us.fetch_add(by_us, Ordering::SeqCst);
        self.monotonic_us.fetch_add(by_us, Ordering::SeqCst);
    }

    /// Sets the time of day, as an operator sets a machine's clock: the monotonic time stays.
    pub fn set_us(&self, now_us: u64) {
        self.now_us.store(now_us, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> u64 {
        self.now_us.load(Ordering::SeqCst)
    }

    fn monotonic_us(&self) -> u64 {
        self.monotonic_us.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_manual_clock_back_leaves_its_monotonic_time() {
        let clock = ManualClock::at(100);
        clock.advance_us(10);
        clock.set_us(50);
        assert_eq!((clock.now_us(), clock.monotonic_us()), (50, 10));
    }

    #[test]
    fn the_system_clock_counts_microseconds_since_1970() {
        let clock = SystemClock::new();
        let year_2020_us = 1_577_836_800_000_000;
        let year_2200_us = 7_258_118_400_000_000;
        assert!((year_2020_us..year_2200_us).contains(&clock.now_us()));
        let first = clock.monotonic_us();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(clock.monotonic_us() >= first + 2_000);
    }
}
