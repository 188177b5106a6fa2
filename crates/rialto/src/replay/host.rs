//! What a replay runs on: the engine in memory, or the node with its journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use model::{AssetId, Envelope, Event, Sequence, Timestamp};
use node::{Config, Follower, Node, Replica};
use runtime::clock::ManualClock;
use runtime::cpu;

/// The time that every replayed command bears: two runs of one flow end in equal states.
pub(super) const TIME: Timestamp = Timestamp(0);

/// Takes commands in order and gives their events.
pub(super) enum Host {
    Memory(Box<Memory>),
    Durable(Box<Durable>),
}

pub(super) struct Memory {
    replica: Replica,
    events: Vec<Event>,
    ends: Vec<usize>,
    cpu: Duration,
}

pub(super) struct Durable {
    directory: PathBuf,
    node: Node,
    runtime: tokio::runtime::Runtime,
    /// Gives the events of commands that an earlier run made durable.
    past: Follower,
    past_left: u64,
    cpu: Duration,
}

impl Host {
    pub(super) fn open(durable: Option<&Path>) -> anyhow::Result<Self> {
        let Some(directory) = durable else {
            let (events, ends) = (Vec::new(), Vec::new());
            return Ok(Self::Memory(Box::new(Memory { replica: Replica::new(), events, ends, cpu: Duration::ZERO })));
        };
        let clock = Arc::new(ManualClock::at(TIME.0));
        let (node, report) = Node::start(Config::new(directory), clock)
            .with_context(|| format!("cannot start on {}", directory.display()))?;
        Ok(Self::Durable(Box::new(Durable {
            directory: directory.to_owned(),
            past: node.follow(Sequence(0))?,
            node,
            runtime: tokio::runtime::Builder::new_current_thread().build()?,
            past_left: report.image.sequence.0,
            cpu: Duration::ZERO,
        })))
    }

    /// Applies commands and shows each one's events in order. What an earlier run made durable is not sent again.
    pub(super) fn apply(&mut self, group: &[Envelope], visit: &mut dyn FnMut(usize, &[Event])) -> anyhow::Result<()> {
        match self {
            Self::Memory(memory) => {
                memory.apply(group, visit);
                Ok(())
            }
            Self::Durable(durable) => durable.apply(group, visit),
        }
    }

    /// Starts the count of CPU time anew: the setup does not belong to it.
    pub(super) fn reset_cpu(&mut self) {
        match self {
            Self::Memory(memory) => memory.cpu = Duration::ZERO,
            Self::Durable(durable) => durable.cpu = Duration::ZERO,
        }
    }

    /// Ends the run and says what it left.
    pub(super) fn finish(self) -> anyhow::Result<Finished> {
        match self {
            Self::Memory(memory) => Ok(Finished::of(&memory.replica, memory.cpu)),
            Self::Durable(durable) => {
                durable.node.stop();
                // The state that the journal gives, not the one in memory, is what counts.
                let end = Sequence(u64::MAX / 2);
                let mut follower = Follower::open(&durable.directory, end)?;
                follower.take(usize::MAX)?;
                Ok(Finished::of(follower.replica(), durable.cpu))
            }
        }
    }
}

impl Memory {
    fn apply(&mut self, group: &[Envelope], visit: &mut dyn FnMut(usize, &[Event])) {
        self.events.clear();
        self.ends.clear();
        let started = cpu::thread_time();
        for envelope in group {
            self.replica.apply(TIME, envelope.clone(), &mut self.events);
            self.ends.push(self.events.len());
        }
        self.cpu += cpu::thread_time() - started;
        let mut first = 0;
        for (at, &end) in self.ends.iter().enumerate() {
            visit(at, &self.events[first..end]);
            first = end;
        }
    }
}

impl Durable {
    fn apply(&mut self, group: &[Envelope], visit: &mut dyn FnMut(usize, &[Event])) -> anyhow::Result<()> {
        let known = usize::try_from(self.past_left)?.min(group.len());
        if known > 0 {
            let batch = self.past.take(known)?;
            anyhow::ensure!(batch.steps.len() == known, "the journal ends before the position it was opened at");
            for at in 0..known {
                visit(at, batch.events_of(at));
            }
            self.past_left -= known as u64;
        }
        if known < group.len() {
            let started = cpu::process_time();
            let receipt = self.runtime.block_on(self.node.submit_together(group[known..].to_vec()))?;
            self.cpu += cpu::process_time() - started;
            for at in known..group.len() {
                visit(at, receipt.batch.events_of(receipt.index + at - known));
            }
        }
        Ok(())
    }
}

/// What a run left behind.
pub(super) struct Finished {
    pub(super) cpu: Duration,
    pub(super) state_hash: u64,
    pub(super) events_hash: u64,
    pub(super) open_orders: usize,
    /// Whether each asset's sum over all accounts is zero, counted again from the balances.
    pub(super) ledger_balanced: bool,
}

impl Finished {
    fn of(replica: &Replica, cpu: Duration) -> Self {
        let mut sums: BTreeMap<AssetId, i128> = BTreeMap::new();
        for balance in replica.image().balances {
            *sums.entry(balance.asset).or_default() += i128::from(balance.available.0) + i128::from(balance.held.0);
        }
        Self {
            ledger_balanced: sums.values().all(|sum| *sum == 0),
            cpu,
            state_hash: replica.state_hash(),
            events_hash: replica.events_hash(),
            open_orders: replica.open_orders(),
        }
    }
}
