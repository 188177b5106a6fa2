//! What is good enough.

use std::time::Duration;

use anyhow::ensure;

use super::Sample;

/// How much more memory than at first there may be at last: a tenth, and so many KiB.
const MEMORY_SLACK_KB: u64 = 16 << 10;
/// Tasks that may live beyond those of the start: what the program does now and then by itself.
const MORE_TASKS: u64 = 8;
/// Open files beyond those of the start: the database opens further connections, three files each, when there is much to read or
/// write, and the journal its next segment.
const MORE_FILES: u64 = 24;
/// Connections beyond those of the start: none.
const MORE_CONNECTIONS: u64 = 0;

/// Medians of memory in KiB after the warm-up: of the first and of the last sixth. Fails when the last is too much more, if that is to
/// be judged.
pub(crate) fn flat(samples: &[Sample], time: Duration, judged: bool) -> anyhow::Result<(u64, u64)> {
    let warm = time / 5;
    let sixth = (time - warm) / 6;
    let median = |from: Duration, to: Duration| {
        let within = samples.iter().filter(|sample| (from..to).contains(&sample.at));
        let mut values: Vec<u64> = within.map(|sample| sample.memory_kb).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or(0)
    };
    let (first, last) = (median(warm, warm + sixth), median(time - sixth, time));
    ensure!(
        !judged || last <= first + first / 10 + MEMORY_SLACK_KB,
        "memory grows: {} MiB after the warm-up, {} MiB at the end",
        first >> 10,
        last >> 10
    );
    Ok((first, last))
}

/// What is left behind now, if it is more than may be.
pub(crate) fn left_behind(start: &Sample, now: &Sample) -> Result<(), String> {
    let figures = [
        ("tasks", start.tasks, now.tasks, MORE_TASKS),
        ("open files", start.files, now.files, MORE_FILES),
        ("HTTP connections", start.http, now.http, MORE_CONNECTIONS),
        ("WebSockets", start.websockets, now.websockets, MORE_CONNECTIONS),
        ("gRPC connections", start.grpc, now.grpc, MORE_CONNECTIONS),
        ("commands without their rows in SQL", 0, now.lag, 0),
    ];
    let left: Vec<String> = figures
        .into_iter()
        .filter(|(_, before, after, more)| *after > before + more)
        .map(|(what, before, after, _)| format!("{after} {what} (there were {before})"))
        .collect();
    if left.is_empty() { Ok(()) } else { Err(left.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Sample, flat, left_behind};

    fn samples(memory: impl Fn(u64) -> u64) -> Vec<Sample> {
        let one = |second| Sample { at: Duration::from_secs(second), memory_kb: memory(second), ..Sample::default() };
        (0..600).map(one).collect()
    }

    #[test]
    fn memory_may_warm_up_and_then_stays() {
        let time = Duration::from_secs(600);
        let warm = samples(|second| 100_000 + second.min(120) * 1_000);
        assert_eq!(flat(&warm, time, true).unwrap(), (220_000, 220_000));
        let leak = samples(|second| 100_000 + second * 200);
        assert!(flat(&leak, time, true).is_err());
        assert_eq!(flat(&leak, time, false).unwrap(), (132_000, 212_000));
    }

    #[test]
    fn what_is_left_is_named() {
        let start = Sample { tasks: 10, files: 30, http: 1, ..Sample::default() };
        assert_eq!(left_behind(&start, &Sample { tasks: 18, ..start }), Ok(()));
        let left = left_behind(&start, &Sample { tasks: 19, http: 2, ..start }).unwrap_err();
        assert_eq!(left, "19 tasks (there were 10), 2 HTTP connections (there were 1)");
    }
}
