//! What the disk does and what the journal makes of it: `cargo run --release -p journal --example rawdisk -- DIR`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement on a terminal")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use journal::{Batch, Config, Journal, probe};

const DURATION: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: rawdisk DIR (a directory that may be filled)")?;
    let directory = Path::new(&directory);
    framing();
    for bytes in [128, 4 << 10, 64 << 10] {
        let rate = probe::write_sync_rate(directory, bytes, DURATION)?;
        println!(
            "raw     {bytes:>6} B: {:>6}/s, p50 {:?}, p99 {:?}",
            rate.per_second(),
            rate.latency(500),
            rate.latency(990)
        );
        journal(&directory.join(format!("journal-{bytes}")), bytes)?;
    }
    Ok(())
}

/// Appends batches of about `bytes`, 64-byte payloads.
fn journal(directory: &Path, bytes: usize) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (mut journal, _) = Journal::open(directory, Config::default())?;
    let opened = start.elapsed();
    let (mut batch, mut latencies) = (Batch::new(), Vec::new());
    let start = Instant::now();
    while start.elapsed() < DURATION {
        batch.clear();
        fill(&mut batch, journal.next_sequence(), (bytes / 80).max(1));
        let before = Instant::now();
        journal.append(&mut batch)?;
        latencies.push(before.elapsed());
    }
    let per_second = latencies.len() as u128 * 1000 / start.elapsed().as_millis();
    latencies.sort_unstable();
    let at = |per_mille: usize| latencies[(latencies.len() - 1) * per_mille / 1000];
    println!(
        "journal {bytes:>6} B: {per_second:>6}/s, p50 {:?}, p99 {:?}, p99.9 {:?}, most {:?}; first open {opened:?}",
        at(500),
        at(990),
        at(999),
        at(1000)
    );
    drop(journal);
    let start = Instant::now();
    let (journal, report) = Journal::open(directory, Config::default())?;
    println!(
        "        checked {} records in {} segments in {:?}",
        report.last_sequence,
        report.segments,
        start.elapsed()
    );
    drop(journal);
    std::fs::remove_dir_all(directory)?;
    Ok(())
}

fn fill(batch: &mut Batch, first: u64, records: usize) {
    for sequence in (first..).take(records) {
        batch.push(sequence, |out| out.extend_from_slice(&[0x5A; 64]));
    }
}

/// The cost of framing apart from the disk.
fn framing() {
    const ROUNDS: usize = 2_000;
    const RECORDS: usize = 1_000;
    let mut batch = Batch::new();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        batch.clear();
        fill(&mut batch, 1, RECORDS);
    }
    let nanos = start.elapsed().as_nanos() / (ROUNDS * RECORDS) as u128;
    println!("framing: {nanos} ns for a record of 64 bytes");
}
