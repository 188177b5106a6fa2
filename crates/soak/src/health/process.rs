//! What the system says of the process.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

use super::Sample;

/// Fills in memory, files, threads and CPU time.
pub(super) fn look(pid: u32, sample: &mut Sample) -> anyhow::Result<()> {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let status = std::fs::read_to_string(folder.join("status")).context("the exchange is gone")?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    sample.memory_kb = number("VmRSS:");
    sample.threads = number("Threads:");
    sample.files = std::fs::read_dir(folder.join("fd"))?.count() as u64;
    let stat = std::fs::read_to_string(folder.join("stat"))?;
    // After the name in parentheses: state is field 3, user and system time are fields 14 and 15, in ticks of 10 ms.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    sample.cpu = Duration::from_millis(ticks * 10);
    Ok(())
}
