//! The raw speed of the disk, to compare the journal with.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::disk::write_zeros;

/// The file that is written over and over.
const FILE_BYTES: u64 = 16 << 20;
const FILE: &str = "probe.tmp";

/// What the disk did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Pairs of one write and one fdatasync.
    pub writes: u64,
    /// The time they took together.
    pub elapsed: Duration,
    /// The time of each, ascending.
    pub latencies: Vec<Duration>,
}

impl Rate {
    /// Pairs in a second.
    pub fn per_second(&self) -> u64 {
        let nanos = self.elapsed.as_nanos().max(1);
        u64::try_from(u128::from(self.writes) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
    }

    /// The time that `per_mille` of a thousand pairs needed at most, for example 990 for p99.
    pub fn latency(&self, per_mille: usize) -> Duration {
        let place = self.latencies.len().saturating_sub(1) * per_mille.min(1000) / 1000;
        self.latencies.get(place).copied().unwrap_or_default()
    }
}

/// Writes `bytes` one after the other into a file of zeros in `directory`, each followed by fdatasync, for `duration`;
/// removes the file. `bytes` is at most 16 MiB.
///
/// # Errors
/// Of the file system.
#[allow(clippy::disallowed_methods, reason = "a measurement, apart from everything that decides")]
pub fn write_sync_rate(directory: &Path, bytes: usize, duration: Duration) -> io::Result<Rate> {
    let path = directory.join(FILE);
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
    write_zeros(&file, 0, FILE_BYTES)?;
    file.sync_data()?;
    let block = vec![0xA5; bytes.clamp(1, 16 << 20)];
    let mut latencies = Vec::new();
    let mut offset = 0;
    let start = Instant::now();
    while start.elapsed() < duration {
        if offset + block.len() as u64 > FILE_BYTES {
            offset = 0;
        }
        let before = Instant::now();
        file.write_all_at(&block, offset)?;
        file.sync_data()?;
        latencies.push(before.elapsed());
        offset += block.len() as u64;
    }
    let elapsed = start.elapsed();
    std::fs::remove_file(&path)?;
    latencies.sort_unstable();
    Ok(Rate { writes: latencies.len() as u64, elapsed, latencies })
}
