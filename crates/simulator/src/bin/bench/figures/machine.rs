//! What the figures were taken on.

use std::fmt;

use serde::Serialize;

/// The machine, and how busy it was before anything was measured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    processor: String,
    processors: usize,
    load_average_at_start: String,
    build: &'static str,
}

impl Machine {
    /// Asks the system; what it does not tell is "unknown".
    pub(crate) fn read() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            processor: model.map_or_else(|| "unknown".to_owned(), |(_, name)| name.to_owned()),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            load_average_at_start: load_average(),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, processors, load_average_at_start, build } = self;
        write!(f, "{processors} x {processor}, {build} build, load average at the start {load_average_at_start}")?;
        if cfg!(debug_assertions) {
            write!(f, "\nThis is a debug build: its figures mean nothing.")?;
        }
        Ok(())
    }
}

/// Load average of the last 1, 5 and 15 minutes.
pub(super) fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
