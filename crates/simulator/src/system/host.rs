//! The driver: what happens when, and what is done when something breaks.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{Engine, Levels};
use model::{Envelope, SourceId, Stamped, Timestamp, codec};
use node::stepped::{Answer, SnapshotError, Stepped};
use runtime::clock::{Clock, ManualClock};

use super::disk::{Moods, SimDisk};
use super::reader::{Slow, View};
use super::relay::Relays;
use super::truth::{Truth, fail_unless};
use super::{Fault, Options, Summary};
use crate::{Random, Workload};

/// When runs begin.
const BEGIN_US: u64 = 1_700_000_000_000_000;
/// Steps after the last command in which everything must come to rest.
const MOST_REST: u32 = 20_000;

/// What the disk was given and has not released.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InFlight {
    pub(crate) commands: usize,
    /// Whether the journal has said that it is durable.
    pub(crate) written: bool,
}

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Power,
    Process,
}

/// A whole run.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) options: Options,
    pub(crate) fault: Option<Fault>,
    /// What happens when; the other parts have chances of their own.
    pub(crate) random: Random,
    /// When and how the node ends.
    pub(crate) ends: Random,
    readers: Random,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) disk: SimDisk,
    pub(crate) folder: PathBuf,
    pub(crate) config: node::Config,
    pub(crate) node: Option<Stepped>,
    pub(crate) truth: Truth,
    pub(crate) workload: Workload,
    pub(crate) relays: Relays,
    slow: Vec<Slow>,
    view: View,
    /// Sent and not answered, in order.
    queued: VecDeque<(Answer, Vec<Envelope>)>,
    pub(crate) in_flight: InFlight,
    /// The last command that somebody has a receipt for.
    pub(crate) acknowledged: u64,
    /// The ends of batches.
    pub(crate) ends_of_batches: Vec<u64>,
    /// Where the journal ends.
    pub(crate) position: (PathBuf, u64),
    /// Snapshots that were damaged, with what the damage left; one that was written anew since is good.
    pub(crate) damaged: BTreeMap<u64, Vec<u8>>,
    pub(crate) summary: Summary,
}

fn config(folder: &Path, random: &mut Random) -> node::Config {
    node::Config {
        journal: journal::Config { segment_bytes: 12_288 + 512 * random.below(80), ..journal::Config::default() },
        batch_commands: usize::try_from(1 + random.below(24)).unwrap_or(1),
        fan_out_batches: 4,
        snapshot_every_commands: 20 + random.below(150),
        keep_snapshots: usize::try_from(2 + random.below(2)).unwrap_or(2),
        retain_segments: random.chance(500),
        ..node::Config::new(folder)
    }
}

impl Host {
    pub(crate) fn new(seed: u64, options: Options, fault: Option<Fault>, folder: &Path) -> Self {
        // Each part gets chances of its own out of the seed.
        let mut seeds = Random::new(seed ^ 0x5157_u64.rotate_left(40));
        let mut random = Random::new(seeds.number());
        let clock = Arc::new(ManualClock::at(BEGIN_US));
        let folder = folder.join("journal");
        Self {
            options,
            fault,
            config: config(&folder, &mut random),
            random,
            ends: Random::new(seeds.number()),
            readers: Random::new(seeds.number()),
            disk: SimDisk::new(&folder, seeds.number(), Arc::clone(&clock)),
            clock,
            folder,
            node: None,
            truth: Truth::new(),
            workload: Workload::new(seed),
            relays: Relays::new(seeds.number()),
            slow: vec![Slow::default(), Slow::default()],
            view: View::new(),
            queued: VecDeque::new(),
            in_flight: InFlight::default(),
            acknowledged: 0,
            ends_of_batches: vec![0],
            position: (PathBuf::new(), 0),
            damaged: BTreeMap::new(),
            summary: Summary::default(),
        }
    }

    pub(crate) fn last(&self) -> u64 {
        self.truth.last()
    }

    pub(crate) fn run(&mut self) -> Result<Summary, String> {
        std::fs::create_dir_all(&self.folder).map_err(|error| error.to_string())?;
        self.disk.set(self.moods());
        self.start(&[], false)?;
        let mut sent = 0;
        while sent < self.options.commands {
            self.clock.advance_us(self.workload.pause());
            sent += self.send();
            self.step()?;
            self.end_now_and_then()?;
        }
        self.rest()?;
        if self.options.readers {
            self.read_on()?;
        }
        self.end(End::Power)?;
        self.replay()?;
        self.sum_up();
        Ok(self.summary.clone())
    }

    fn moods(&self) -> Moods {
        Moods {
            fails: if self.options.failures { 4 } else { 0 },
            slow: 30,
            lies: if self.fault == Some(Fault::SkippedSync) { 300 } else { 0 },
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_us())
    }

    /// Somebody sends something: how many commands.
    fn send(&mut self) -> u64 {
        let mut group = Vec::new();
        if self.options.relays && self.random.chance(300) {
            self.relays.enqueue(&self.truth.money);
            group = self.relays.send();
        } else if self.random.chance(700) {
            for _ in 0..=self.random.below(4) {
                let envelope = self.workload.command(self.now());
                if envelope.source == SourceId::NONE { group.push(envelope) } else { self.relays.hand_in(envelope) }
            }
        }
        for _ in 0..self.random.below(4) {
            group.extend(self.relays.send_from_desk());
        }
        self.submit(group)
    }

    fn submit(&mut self, group: Vec<Envelope>) -> u64 {
        let Some(node) = &self.node else { return 0 };
        if group.is_empty() {
            return 0;
        }
        let count = group.len() as u64;
        self.queued.push_back((node.submit(group.clone()), group));
        count
    }

    /// The engine, the disk and the readers each do something, or not.
    fn step(&mut self) -> Result<(), String> {
        let Some(node) = &mut self.node else { return Ok(()) };
        if self.random.chance(700) {
            node.fill();
        }
        if self.random.chance(700) {
            let commands = node.close();
            if commands > 0 {
                self.in_flight = InFlight { commands, written: false };
                if self.fault == Some(Fault::EarlyReceipt) {
                    self.acknowledged += commands as u64;
                }
            }
        }
        if self.random.chance(800) {
            let before = self.disk.failures();
            match node.write() {
                Ok(()) => self.in_flight.written = self.in_flight.commands > 0,
                Err(error) => return self.broken(before, &error.to_string()),
            }
        }
        if self.random.chance(800) {
            self.release()?;
        }
        if self.random.chance(300) {
            self.snapshot()?;
        }
        if self.options.readers { self.read() } else { Ok(()) }
    }

    /// The journal could not be written: a node stops then.
    fn broken(&mut self, failures_before: u64, error: &str) -> Result<(), String> {
        if self.disk.is_dead() {
            return self.end(End::Power);
        }
        fail_unless(self.disk.failures() > failures_before, || format!("the journal stopped for nothing: {error}"))?;
        let end = if self.ends.chance(400) { End::Power } else { End::Process };
        self.end(end)
    }

    fn release(&mut self) -> Result<(), String> {
        let Some(node) = &mut self.node else { return Ok(()) };
        node.release();
        let mut told = 0;
        while let Some((answer, _)) = self.queued.front_mut() {
            let Some(receipt) = answer.take() else { break };
            let Some((_, envelopes)) = self.queued.pop_front() else { break };
            for (index, envelope) in (receipt.index..).zip(envelopes) {
                let step = receipt.batch.steps.get(index).ok_or("a receipt names no step")?;
                let events = receipt.batch.events_of(index);
                self.truth.acknowledge(step, envelope.clone(), events)?;
                self.relays.learn(&envelope, &self.truth.money);
                self.workload.observe(events);
                told += 1;
            }
        }
        if told == 0 {
            return Ok(());
        }
        let (last, durable) = (self.truth.last(), node.durable().0);
        fail_unless(last == durable && told == self.in_flight.commands, || {
            format!("{told} commands up to {last} have receipts, {durable} are durable")
        })?;
        let (path, offset) = node.position();
        self.position = (path.to_owned(), offset);
        self.in_flight = InFlight::default();
        self.acknowledged = self.acknowledged.max(last);
        self.ends_of_batches.push(last);
        Ok(())
    }

    fn snapshot(&mut self) -> Result<(), String> {
        let Some(node) = &mut self.node else { return Ok(()) };
        let before = self.disk.failures();
        match node.snapshot() {
            Ok(None) => {}
            Ok(Some(_)) => self.summary.snapshots += 1,
            Err(SnapshotError::Failed(_)) if self.disk.is_dead() => return self.end(End::Power),
            // The journal alone is enough to start from.
            Err(SnapshotError::Failed(_)) if self.disk.failures() > before => {}
            Err(error) => return Err(format!("a snapshot was not written: {error}")),
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), String> {
        let Some(node) = &self.node else { return Ok(()) };
        let skips = self.fault == Some(Fault::SkippedStep);
        for slow in &mut self.slow {
            if self.readers.chance(120) {
                slow.take(node, &self.truth, &mut self.readers, skips)?;
            }
        }
        if self.readers.chance(200) {
            self.view.take(node, &self.truth, self.readers.below(6))?;
        }
        Ok(())
    }

    fn end_now_and_then(&mut self) -> Result<(), String> {
        let chance = self.ends.below(1_000);
        if self.options.power_cuts && chance < 8 {
            return self.end(End::Power);
        }
        if self.options.kills && (8..14).contains(&chance) {
            return self.end(End::Process);
        }
        if self.options.power_cuts && (14..26).contains(&chance) {
            self.disk.cut_after(Some(self.ends.below(30)));
        }
        Ok(())
    }

    /// The node is gone; it is started again, and everything is compared.
    pub(crate) fn end(&mut self, end: End) -> Result<(), String> {
        self.write_altered_snapshot()?;
        self.node = None;
        self.slow.iter_mut().for_each(Slow::die);
        self.view.die();
        let sent: Vec<Envelope> = self.queued.drain(..).flat_map(|(_, envelopes)| envelopes).collect();
        let in_flight = &sent[..self.in_flight.commands.min(sent.len())];
        let written = self.in_flight.written;
        self.in_flight = InFlight::default();
        self.restore_files(end)?;
        match end {
            End::Power => self.summary.power_cuts += 1,
            End::Process => self.summary.kills += 1,
        }
        // It takes a while, and the clock may have been set meanwhile.
        self.clock.advance_us(self.ends.below(3_000_000));
        if self.ends.chance(200) {
            self.clock.set_us(self.clock.now_us() - self.ends.below(10_000_000));
        }
        self.start(in_flight, written)
    }

    /// Everything that was sent is carried out, without further trouble.
    fn rest(&mut self) -> Result<(), String> {
        self.disk.set(Moods { fails: 0, slow: 0, lies: self.moods().lies });
        self.disk.cut_after(None);
        for _ in 0..MOST_REST {
            if self.queued.is_empty() && self.relays.is_done() {
                return Ok(());
            }
            let mut group = self.relays.send();
            group.extend((0..4).filter_map(|_| self.relays.send_from_desk()));
            self.submit(group);
            self.step()?;
        }
        Err("the relays do not come to an end".to_owned())
    }

    /// Every reader comes to the end.
    fn read_on(&mut self) -> Result<(), String> {
        let Some(node) = &self.node else { return Err("there is no node".to_owned()) };
        let last = self.truth.last();
        for slow in &mut self.slow {
            let mut tries = 0;
            while !slow.is_at(last) {
                slow.take(node, &self.truth, &mut self.readers, self.fault == Some(Fault::SkippedStep))?;
                tries += 1;
                fail_unless(tries < MOST_REST, || "a follower does not reach the end".to_owned())?;
            }
        }
        self.view.take(node, &self.truth, u64::MAX)?;
        self.view.take(node, &self.truth, u64::MAX)
    }

    /// The whole log, through the codec, into a new engine.
    fn replay(&self) -> Result<(), String> {
        let mut engine: Engine<Levels> = Engine::new();
        let (mut bytes, mut events) = (Vec::new(), Vec::new());
        for Stamped { sequence, time, envelope } in &self.truth.log {
            bytes.clear();
            codec::encode(&mut bytes, *time, envelope);
            let input = codec::decode(*sequence, &bytes).map_err(|error| error.to_string())?;
            events.clear();
            engine.apply(&input, &mut events);
        }
        let ours = (engine.state_hash(), engine.events_hash());
        let naive = (self.truth.engine.state_hash(), self.truth.engine.events_hash());
        fail_unless(ours == naive, || "a replay of all commands gives another state or other events".to_owned())
    }

    fn sum_up(&mut self) {
        let summary = &mut self.summary;
        summary.commands = self.truth.last();
        summary.failures = self.disk.failures();
        (summary.repeated, summary.early) = (self.truth.money.repeated, self.truth.money.early);
        summary.deaths = self.slow.iter().map(|slow| slow.deaths).sum();
        summary.resets = self.slow.iter().map(|slow| slow.resets).sum();
        summary.reloads = self.view.reloads;
        summary.state_hash = self.truth.engine.state_hash();
    }
}
