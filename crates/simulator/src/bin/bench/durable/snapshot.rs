//! What submitters notice while the shadow writes a large snapshot.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flows::flash1::Stream;
use flows::{FIRST_ACCOUNT, MARKET};
use journal::snapshot;
use model::{AccountId, Command, Envelope, Place, Price, Quantity, Side};
use node::{Config, Node};
use runtime::clock::SystemClock;
use serde::Serialize;

use super::submitter::{Load, Phase, Phases};
use super::{WARM_UP, WORKERS, remove, settle, word};
use crate::figures::{Latency, Spread, Table, histogram};

/// What the case is called.
pub(super) const NAME: &str = "snapshot of a million accounts and a million orders";
const LOAD: Load = Load { submitters: 256, together: 1 };
const MILLION: u32 = 1_000_000;
/// How much longer the 99th percentile may be meanwhile.
const AIM: f64 = 2.0;
/// Rounds at most: each fills a node first.
const FEW: u32 = 3;
/// The longest that a snapshot may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Latencies without and with a snapshot under way, of the same run.
#[derive(Debug, Serialize)]
pub(super) struct DuringSnapshot {
    submitters: usize,
    snapshot_bytes: u64,
    /// From the order to write it to its being durable, with the replay up to its position.
    snapshot_seconds: Spread,
    usual_commands_per_second: Spread,
    meanwhile_commands_per_second: Spread,
    usual: Latency,
    meanwhile: Latency,
    /// 99th percentile meanwhile, divided by the usual one of the same round.
    p99_ratio: Spread,
    aim: f64,
}

struct Round {
    bytes: u64,
    seconds: f64,
    usual_rate: f64,
    meanwhile_rate: f64,
    usual: Latency,
    meanwhile: Latency,
}

/// Measures a few rounds.
pub(super) fn measure(directory: &Path, rounds: u32) -> anyhow::Result<DuringSnapshot> {
    let data = directory.join("journal");
    let mut taken = Vec::new();
    for _ in 0..rounds.min(FEW) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
        let round = runtime.block_on(round(data.clone()));
        remove(&data)?;
        taken.push(round?);
    }
    let spread = |read: fn(&Round) -> f64| Spread::of(taken.iter().map(read).collect());
    let latency = |read: fn(&Round) -> Latency| Latency::median(&taken.iter().map(read).collect::<Vec<_>>());
    let results = DuringSnapshot {
        submitters: LOAD.submitters,
        snapshot_bytes: taken.first().map_or(0, |round| round.bytes),
        snapshot_seconds: spread(|round| round.seconds),
        usual_commands_per_second: spread(|round| round.usual_rate),
        meanwhile_commands_per_second: spread(|round| round.meanwhile_rate),
        usual: latency(|round| round.usual),
        meanwhile: latency(|round| round.meanwhile),
        p99_ratio: spread(|round| round.meanwhile.p99_ns as f64 / round.usual.p99_ns.max(1) as f64),
        aim: AIM,
    };
    results.print();
    Ok(results)
}

async fn round(data: PathBuf) -> anyhow::Result<Round> {
    let mut setup = Stream::setup(MILLION);
    setup.extend((0..MILLION).map(resting));
    let every = setup.len() as u64;
    let config = Config { snapshot_every_commands: every, ..Config::new(&data) };
    let (node, _) = Node::start(config, Arc::new(SystemClock::new()))?;
    for group in setup.chunks(Node::MOST_TOGETHER) {
        node.submit_together(group.to_vec()).await?;
    }
    drop(setup);
    // The setup fills a first snapshot; the one that is measured comes after as many commands again.
    written(&data, 1).await?;
    settle();
    let phases = Phases::new();
    let tasks: Vec<_> =
        (0..LOAD.submitters).map(|n| tokio::spawn(LOAD.submit(n, node.clone(), phases.clone()))).collect();
    tokio::time::sleep(WARM_UP).await;
    phases.enter(Phase::Usual);
    let start = (node.durable().0, Instant::now());
    while node.durable().0 < 2 * every {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    phases.enter(Phase::Meanwhile);
    let mark = (node.durable().0, Instant::now());
    let bytes = written(&data, 2).await?;
    phases.enter(Phase::Over);
    let end = (node.durable().0, Instant::now());
    let (mut usual, mut meanwhile) = (histogram(), histogram());
    for task in tasks {
        let done = task.await??;
        done.usual.iter().for_each(|&latency| usual.saturating_record(latency));
        done.meanwhile.iter().for_each(|&latency| meanwhile.saturating_record(latency));
    }
    tokio::task::spawn_blocking(move || node.stop()).await?;
    let rate = |from: (u64, Instant), to: (u64, Instant)| (to.0 - from.0) as f64 / (to.1 - from.1).as_secs_f64();
    Ok(Round {
        bytes,
        seconds: (end.1 - mark.1).as_secs_f64(),
        usual_rate: rate(start, mark),
        meanwhile_rate: rate(mark, end),
        usual: Latency::of(&usual),
        meanwhile: Latency::of(&meanwhile),
    })
}

/// An order far from where the submitters trade, each of another account.
fn resting(number: u32) -> Envelope {
    let away = 1_000 + i64::from(number % 10_000);
    let (side, price) = if number.is_multiple_of(2) { (Side::Buy, 34_000 - away) } else { (Side::Sell, 34_000 + away) };
    let account = AccountId(FIRST_ACCOUNT.0 + number);
    let (price, quantity) = (Price(price), Quantity(10));
    Envelope::client(Command::Place(Place { account, market: MARKET, side, price, quantity, ..Place::BLANK }))
}

/// Waits until so many snapshots are there; the bytes of the newest.
async fn written(data: &Path, count: usize) -> anyhow::Result<u64> {
    let began = Instant::now();
    loop {
        let files = snapshot::list(data)?;
        if let Some(newest) = files.first().filter(|_| files.len() >= count) {
            return Ok(std::fs::metadata(&newest.path)?.len());
        }
        anyhow::ensure!(began.elapsed() < PATIENCE, "no snapshot was written in {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl DuringSnapshot {
    fn print(&self) {
        let mut table = Table::new(&["", "durable commands/s", "p50", "p99", "p99.9"]);
        for (name, rate, latency) in [
            ("usual", &self.usual_commands_per_second, self.usual),
            ("while the snapshot is written", &self.meanwhile_commands_per_second, self.meanwhile),
        ] {
            let mut row = vec![name.to_owned(), crate::figures::rate(rate)];
            row.extend(latency.cells());
            table.row(row);
        }
        table.print(&format!(
            "Node with a million accounts and a million resting orders, {} submitters; the shadow catches up and writes a \
             snapshot of {} MiB in {:.1} s",
            self.submitters,
            self.snapshot_bytes >> 20,
            self.snapshot_seconds.median,
        ));
        let (ratio, aim) = (self.p99_ratio.median, self.aim);
        println!("  Aim of less than {aim} times the usual p99: {} ({ratio:.2} times).\n", word(ratio < aim));
    }
}
