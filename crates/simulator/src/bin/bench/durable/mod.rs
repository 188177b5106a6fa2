//! The node with its journal on the disk, inside this process: how many commands become durable, and how long each takes.

mod restart;
mod snapshot;
mod submitter;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use journal::probe::write_sync_rate;
use node::{Config, FeedEnd, Node};
use runtime::clock::SystemClock;
use runtime::cpu;
use serde::Serialize;

use self::submitter::{Load, Phase, Phases, setup};
use crate::figures::{Latency, Spread, Table, histogram, rate};

/// Threads of the async runtime that the submitters run on; one submitter needs one.
const WORKERS: usize = 2;
/// Bytes of one raw write: about what the journal writes for one command.
const RAW_BYTES: usize = 192;
/// How long the raw rate is taken at most, before and after. Shorter measurements take as long as the load does: where
/// operations on the disk are rationed, a short look would see none of it.
const MOST_RAW_TIME: Duration = Duration::from_secs(5);
/// What is run before anything is measured.
const WARM_UP: Duration = Duration::from_millis(500);
/// Durable commands per second that 256 submitters should reach.
const AIM_256: f64 = 500_000.0;
/// Their 99th percentile should be shorter.
const AIM_256_P99_NS: u64 = 1_000_000;
/// Durable commands per second that 16 submitters of 64 commands each should reach.
const AIM_TOGETHER: f64 = 1_500_000.0;
/// Part of the raw rate that one submitter should reach.
const AIM_RAW: f64 = 0.75;

const LOADS: [Load; 4] = [
    Load { submitters: 1, together: 1 },
    Load { submitters: 16, together: 1 },
    Load { submitters: 256, together: 1 },
    Load { submitters: 16, together: 64 },
];

/// The figures of one load.
#[derive(Debug, Serialize)]
struct Figures {
    load: String,
    submitters: usize,
    commands_together: usize,
    commands_per_second: Spread,
    /// From submit to receipt, of a command or of a group that was sent together.
    acknowledged: Latency,
    cpu_us_per_command: Spread,
    commands_per_journal_write: Spread,
    /// Raw write + fdatasync pairs a second, mean of those before and after.
    raw_writes_per_second: Spread,
    /// Commands a second divided by raw pairs a second, round by round.
    part_of_raw: Spread,
    raw_write: Latency,
    refused_busy: u64,
}

/// The figures of the section.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    workers: usize,
    raw_bytes: usize,
    figures: Vec<Figures>,
    restart: Option<restart::Restart>,
    snapshot: Option<snapshot::DuringSnapshot>,
}

/// One round of one load.
struct Round {
    per_second: f64,
    latency: Latency,
    cpu_us: f64,
    batch: f64,
    raw_per_second: f64,
    raw: Latency,
    busy: u64,
}

/// Measures every load in every round.
pub(crate) fn measure(directory: &Path, rounds: u32, seconds: u64, only: &str) -> anyhow::Result<Results> {
    let loads: Vec<Load> = LOADS.into_iter().filter(|load| load.name().contains(only)).collect();
    let mut taken: Vec<Vec<Round>> = loads.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (load, rounds) in loads.iter().zip(&mut taken) {
            rounds.push(round(directory, *load, Duration::from_secs(seconds))?);
        }
    }
    let figures = loads.iter().zip(taken).map(|(load, rounds)| sum_up(*load, &rounds)).collect();
    let mut results = Results { workers: WORKERS, raw_bytes: RAW_BYTES, figures, restart: None, snapshot: None };
    if !loads.is_empty() {
        print(&results);
    }
    if restart::NAME.contains(only) {
        results.restart = Some(restart::measure(directory, rounds)?);
    }
    if snapshot::NAME.contains(only) {
        results.snapshot = Some(snapshot::measure(directory, rounds)?);
    }
    Ok(results)
}

fn round(directory: &Path, load: Load, time: Duration) -> anyhow::Result<Round> {
    let data = directory.join("journal");
    settle();
    let before = write_sync_rate(directory, RAW_BYTES, time.min(MOST_RAW_TIME))?;
    let measured = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS.min(load.submitters))
        .enable_all()
        .build()?
        .block_on(run(data.clone(), load, time));
    settle();
    let after = write_sync_rate(directory, RAW_BYTES, time.min(MOST_RAW_TIME))?;
    remove(&data)?;
    let mut raw = histogram();
    for latency in before.latencies.iter().chain(&after.latencies) {
        raw.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
    }
    let raw_per_second = f64::midpoint(before.per_second() as f64, after.per_second() as f64);
    Ok(Round { raw_per_second, raw: Latency::of(&raw), ..measured? })
}

/// What was written; the next round starts on an empty journal too.
fn remove(data: &Path) -> anyhow::Result<()> {
    if data.exists() {
        std::fs::remove_dir_all(data)?;
    }
    Ok(())
}

/// Waits until the system has written what earlier runs left to write, so that it is not measured with the next one.
fn settle() {
    rustix::fs::sync();
    std::thread::sleep(Duration::from_millis(200));
}

async fn run(data: PathBuf, load: Load, time: Duration) -> anyhow::Result<Round> {
    let (node, _) = Node::start(Config::new(data), Arc::new(SystemClock::new()))?;
    for group in setup().chunks(Node::MOST_TOGETHER) {
        node.submit_together(group.to_vec()).await?;
    }
    let writes = count_writes(&node);
    let phases = Phases::new();
    let tasks: Vec<_> =
        (0..load.submitters).map(|n| tokio::spawn(load.submit(n, node.clone(), phases.clone()))).collect();
    tokio::time::sleep(WARM_UP).await;
    let (first, cpu_before, began) = (node.durable(), cpu::process_time(), Instant::now());
    let writes_before = writes.load(Ordering::Relaxed);
    phases.enter(Phase::Usual);
    tokio::time::sleep(time).await;
    let (last, cpu_after, elapsed) = (node.durable(), cpu::process_time(), began.elapsed());
    let writes = writes.load(Ordering::Relaxed) - writes_before;
    phases.enter(Phase::Over);
    let (mut latencies, mut busy) = (histogram(), 0);
    for task in tasks {
        let done = task.await??;
        done.usual.iter().for_each(|&latency| latencies.saturating_record(latency));
        busy += done.busy;
    }
    tokio::task::spawn_blocking(move || node.stop()).await?;
    let commands = (last.0 - first.0) as f64;
    Ok(Round {
        per_second: commands / elapsed.as_secs_f64(),
        latency: Latency::of(&latencies),
        cpu_us: (cpu_after - cpu_before).as_secs_f64() * 1e6 / commands.max(1.0),
        batch: commands / writes.max(1) as f64,
        raw_per_second: 0.0,
        raw: Latency::of(&histogram()),
        busy,
    })
}

/// Counts the batches as a reader of the feed; each was one write.
fn count_writes(node: &Node) -> Arc<AtomicU64> {
    let writes = Arc::new(AtomicU64::new(0));
    let (mut feed, counter) = (node.subscribe(), Arc::clone(&writes));
    tokio::spawn(async move {
        loop {
            match feed.recv().await {
                Ok(_) => counter.fetch_add(1, Ordering::Relaxed),
                Err(FeedEnd::FellBehind(missed)) => counter.fetch_add(missed, Ordering::Relaxed),
                Err(FeedEnd::Stopped) => return,
            };
        }
    });
    writes
}

fn sum_up(load: Load, rounds: &[Round]) -> Figures {
    let spread = |read: fn(&Round) -> f64| Spread::of(rounds.iter().map(read).collect());
    let latency = |read: fn(&Round) -> Latency| Latency::median(&rounds.iter().map(read).collect::<Vec<_>>());
    Figures {
        load: load.name(),
        submitters: load.submitters,
        commands_together: load.together,
        commands_per_second: spread(|round| round.per_second),
        acknowledged: latency(|round| round.latency),
        cpu_us_per_command: spread(|round| round.cpu_us),
        commands_per_journal_write: spread(|round| round.batch),
        raw_writes_per_second: spread(|round| round.raw_per_second),
        part_of_raw: spread(|round| round.per_second / round.raw_per_second.max(1.0)),
        raw_write: latency(|round| round.raw),
        refused_busy: rounds.iter().map(|round| round.busy).sum(),
    }
}

const fn word(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

fn print(results: &Results) {
    let head =
        ["submitters", "durable commands/s", "p50", "p99", "p99.9", "CPU us each", "per write", "of the raw rate"];
    let mut table = Table::new(&head);
    for line in &results.figures {
        let mut row = vec![line.load.clone(), rate(&line.commands_per_second)];
        row.extend(line.acknowledged.cells());
        row.push(format!("{:.2}", line.cpu_us_per_command.median));
        row.push(format!("{:.1}", line.commands_per_journal_write.median));
        row.push(format!("{:.0} %", line.part_of_raw.median * 100.0));
        table.row(row);
    }
    table.print(
        "Node: journal on the disk, group commit, snapshots by the shadow, one reader of the feed; all on this machine",
    );
    for line in &results.figures {
        let (got, part) = (line.commands_per_second.median, line.part_of_raw.median);
        match (line.submitters, line.commands_together) {
            (1, 1) => {
                let [p50, p99, _] = line.raw_write.cells();
                let raw = rate(&line.raw_writes_per_second);
                println!(
                    "  Raw write + fdatasync of {RAW_BYTES} bytes, before and after each run: {raw} a second, p50 {p50}, p99 {p99}."
                );
                let (aim, got) = (AIM_RAW * 100.0, part * 100.0);
                // Each command is such a pair, and more: over 100 % the disk did other work while the raw rate was taken.
                let verdict = if part > 1.0 {
                    "cannot be told, the disk was busy with something else"
                } else {
                    word(part >= AIM_RAW)
                };
                println!("  Aim of {aim:.0} % of it with one submitter: {verdict} ({got:.0} %).");
            }
            (256, 1) => {
                let (aim, reached) = (AIM_256 / 1e3, word(got >= AIM_256));
                println!("  Aim of {aim:.0} k/s with 256 submitters: {reached} ({:.0} k/s).", got / 1e3);
                let (aim, p99) = (AIM_256_P99_NS / 1_000, line.acknowledged.p99_ns);
                println!("  Aim of a p99 under {aim} us there: {} ({} us).", word(p99 < AIM_256_P99_NS), p99 / 1_000);
            }
            (16, 64) => {
                let (aim, reached) = (AIM_TOGETHER / 1e6, word(got >= AIM_TOGETHER));
                println!("  Aim of {aim} M/s with 16 submitters of 64 each: {reached} ({:.2} M/s).", got / 1e6);
            }
            _ => {}
        }
    }
    println!();
}
