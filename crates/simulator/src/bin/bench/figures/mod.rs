//! How figures are summed up, printed and stored.

pub(crate) mod chart;
pub(crate) mod latency;
mod machine;
mod table;

use std::path::Path;

use serde::Serialize;

pub(crate) use latency::{Latency, histogram, timer_cost_ns};
pub(crate) use machine::Machine;
pub(crate) use table::{Table, rate, times};

/// A figure that was taken several times.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Every value, in the order of the rounds.
    pub(crate) rounds: Vec<f64>,
}

impl Spread {
    /// Sums up at least one value; of none everything is zero.
    pub(crate) fn of(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(0.0);
        let last = sorted.len().saturating_sub(1);
        // Of an even number the mean of the two in the middle.
        let median = f64::midpoint(at(last / 2), at(sorted.len() / 2));
        Self { median, min: at(0), max: at(last), rounds }
    }
}

/// What a file of figures holds.
#[derive(Debug, Serialize)]
struct Document<'a, T> {
    machine: &'a Machine,
    /// Load of the machine when the section ended: far above its processors means that others used them too.
    load_average_at_end: String,
    results: &'a T,
}

/// Writes the figures of a section as JSON.
pub(crate) fn save<T: Serialize>(out: &Path, section: &str, machine: &Machine, results: &T) -> anyhow::Result<()> {
    let document = Document { machine, load_average_at_end: machine::load_average(), results };
    std::fs::write(out.join(format!("{section}.json")), serde_json::to_string_pretty(&document)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        let spread = Spread::of(vec![4.0, 1.0, 2.0, 8.0]);
        assert_eq!((spread.median, spread.min, spread.max), (3.0, 1.0, 8.0));
        assert_eq!(Spread::of(vec![5.0]).median, 5.0);
        assert_eq!(Spread::of(Vec::new()).median, 0.0);
    }
}
