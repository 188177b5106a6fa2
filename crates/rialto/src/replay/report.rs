//! What a replay counts, and the line that it ends with.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use model::Event;
use serde::Serialize;

use super::host::Finished;

/// Counts events as they come.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) commands: u64,
    pub(super) trades: u64,
    pub(super) rejections: BTreeMap<String, u64>,
}

impl Counts {
    pub(super) fn add(&mut self, events: &[Event]) {
        self.commands += 1;
        for event in events {
            match event {
                Event::Trade(_) => self.trades += 1,
                Event::Rejected { reason, .. } | Event::CancelRejected { reason, .. } => {
                    *self.rejections.entry(format!("{reason:?}")).or_default() += 1;
                }
                _ => {}
            }
        }
    }
}

/// The last line of a replay.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    flow: &'a str,
    mode: &'a str,
    accounts: u32,
    commands: u64,
    /// Whole commands per second of CPU time: of the engine's thread in memory, of the whole process with a journal.
    commands_per_cpu_second: u64,
    cpu_ms: u128,
    trades: u64,
    open_orders: usize,
    rejections: &'a BTreeMap<String, u64>,
    compared: bool,
    mismatches: u64,
    ledger_balanced: bool,
    state_hash: String,
    events_hash: String,
}

/// Prints the summary; `true` when nothing mismatched and the ledger balances.
pub(super) fn print(
    flow: &str,
    durable: bool,
    accounts: u32,
    counts: &Counts,
    finished: &Finished,
    mismatches: Option<u64>,
) -> anyhow::Result<bool> {
    let summary = Summary {
        flow,
        mode: if durable { "durable" } else { "memory" },
        accounts,
        commands: counts.commands,
        commands_per_cpu_second: per_second(counts.commands, finished.cpu),
        cpu_ms: finished.cpu.as_millis(),
        trades: counts.trades,
        open_orders: finished.open_orders,
        rejections: &counts.rejections,
        compared: mismatches.is_some(),
        mismatches: mismatches.unwrap_or(0),
        ledger_balanced: finished.ledger_balanced,
        state_hash: format!("{:016x}", finished.state_hash),
        events_hash: format!("{:016x}", finished.events_hash),
    };
    println!("{}", serde_json::to_string(&summary)?);
    Ok(mismatches.unwrap_or(0) == 0 && finished.ledger_balanced)
}

fn per_second(count: u64, time: Duration) -> u64 {
    let nanos = time.as_nanos();
    if nanos == 0 {
        // Everything was in the journal already.
        return 0;
    }
    u64::try_from(u128::from(count) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
}

/// A progress bar on the error stream; nothing where that is no terminal.
pub(super) fn progress(length: usize) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} commands, {per_sec}, {eta} left")?;
    Ok(ProgressBar::new(length as u64).with_style(style))
}
