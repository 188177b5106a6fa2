//! How fast a start applies what lies in the journal.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use node::{Config, Node};
use runtime::clock::SystemClock;
use serde::Serialize;

use super::submitter::{Load, Phase, Phases, setup};
use super::{WORKERS, remove, settle, word};
use crate::figures::{Spread, rate};

/// What the case is called.
pub(super) const NAME: &str = "restart";
/// Commands that the journal holds at least.
const COMMANDS: u64 = 5_000_000;
/// Commands a second that a start should apply.
const AIM: f64 = 3e6;

/// Starts on a journal without a snapshot: the journal is read and checked, and every command of it is applied.
#[derive(Debug, Serialize)]
pub(super) struct Restart {
    commands: u64,
    /// Commands divided by the whole time of the start.
    commands_per_second: Spread,
    aim: f64,
}

/// Writes a journal once, and starts on it in every round.
pub(super) fn measure(directory: &Path, rounds: u32) -> anyhow::Result<Restart> {
    let data = directory.join("journal");
    let config = Config { snapshot_every_commands: 0, ..Config::new(&data) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    runtime.block_on(fill(config.clone()))?;
    settle();
    let (mut commands, mut rates) = (0, Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        let (node, report) = Node::start(config.clone(), Arc::new(SystemClock::new()))?;
        let took = began.elapsed();
        commands = report.replayed;
        rates.push(commands as f64 / took.as_secs_f64());
        node.stop();
    }
    remove(&data)?;
    let restart = Restart { commands, commands_per_second: Spread::of(rates), aim: AIM };
    restart.print();
    Ok(restart)
}

async fn fill(config: Config) -> anyhow::Result<()> {
    let load = Load { submitters: 16, together: 64 };
    let (node, _) = Node::start(config, Arc::new(SystemClock::new()))?;
    for group in setup().chunks(Node::MOST_TOGETHER) {
        node.submit_together(group.to_vec()).await?;
    }
    let phases = Phases::new();
    let tasks: Vec<_> =
        (0..load.submitters).map(|n| tokio::spawn(load.submit(n, node.clone(), phases.clone()))).collect();
    while node.durable().0 < COMMANDS {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    phases.enter(Phase::Over);
    for task in tasks {
        task.await??;
    }
    tokio::task::spawn_blocking(move || node.stop()).await?;
    Ok(())
}

impl Restart {
    fn print(&self) {
        let (rate, median) = (rate(&self.commands_per_second), self.commands_per_second.median);
        println!(
            "Start of the node on a journal of {} commands without a snapshot: {rate} commands a second, from opening the \
             files to being ready; the files are in the system's cache.\n  Aim of {} million: {}.\n",
            self.commands,
            self.aim / 1e6,
            word(median >= self.aim),
        );
    }
}
