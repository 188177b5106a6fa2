//! Percentiles of latencies.

use std::time::Instant;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Percentiles in nanoseconds, with three significant digits.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50_ns: u64,
    pub(crate) p99_ns: u64,
    pub(crate) p999_ns: u64,
    pub(crate) p9999_ns: u64,
    pub(crate) max_ns: u64,
}

impl Latency {
    /// The percentiles of what was recorded.
    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            p50_ns: histogram.value_at_quantile(0.5),
            p99_ns: histogram.value_at_quantile(0.99),
            p999_ns: histogram.value_at_quantile(0.999),
            p9999_ns: histogram.value_at_quantile(0.999_9),
            max_ns: histogram.max(),
        }
    }

    /// Each percentile's own median over the rounds.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let median = |read: fn(&Self) -> u64| {
            let mut values: Vec<u64> = rounds.iter().map(read).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied().unwrap_or(0)
        };
        Self {
            p50_ns: median(|l| l.p50_ns),
            p99_ns: median(|l| l.p99_ns),
            p999_ns: median(|l| l.p999_ns),
            p9999_ns: median(|l| l.p9999_ns),
            max_ns: median(|l| l.max_ns),
        }
    }

    /// Three cells of a table: p50, p99, p99.9.
    pub(crate) fn cells(&self) -> [String; 3] {
        [self.p50_ns, self.p99_ns, self.p999_ns].map(duration)
    }

    /// A cell with p99.99.
    pub(crate) fn farthest_cell(&self) -> String {
        duration(self.p9999_ns)
    }
}

/// The longest time that is told from longer ones.
const LONGEST_NS: u64 = 60_000_000_000;

/// A histogram of nanoseconds up to a minute.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, 3).expect("three significant digits are allowed")
}

/// What it costs to read the clock once: the median of many readings, in nanoseconds.
pub(crate) fn timer_cost_ns() -> u64 {
    let mut costs = histogram();
    let mut before = Instant::now();
    for _ in 0..1_000_000 {
        let now = Instant::now();
        costs.saturating_record(nanos(before, now));
        before = now;
    }
    costs.value_at_quantile(0.5)
}

/// Nanoseconds between two readings.
pub(crate) fn nanos(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

fn duration(ns: u64) -> String {
    match ns {
        0..10_000 => format!("{ns} ns"),
        10_000..10_000_000 => format!("{} us", ns / 1_000),
        _ => format!("{} ms", ns / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{Latency, histogram};

    #[test]
    fn long_times_are_kept_within_three_digits() {
        let mut times = histogram();
        times.saturating_record_n(100, 990);
        times.saturating_record_n(5_000_000_000, 10);
        let latency = Latency::of(&times);
        assert_eq!(latency.p50_ns, 100);
        assert!(latency.max_ns.abs_diff(5_000_000_000) <= 5_000_000, "{latency:?}");
        assert_eq!(latency.p999_ns, latency.max_ns);
    }
}
