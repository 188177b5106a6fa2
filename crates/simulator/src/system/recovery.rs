//! Starts: what happens to the files while the node is down, and what must hold once it is up again.

use std::path::Path;
use std::sync::Arc;

use engine::{Engine, Levels};
use journal::{Reader, snapshot};
use model::{Command, Envelope, Event, HoldId, Sequence, SourceId, Stamped, codec};
use node::StartReport;
use node::stepped::Stepped;
use runtime::clock::Clock;

use super::Fault;
use super::host::{End, Host};
use super::money::FIRST_RELAY;
use super::truth::fail_unless;

/// Starts that may break off one after another; the next one is left in peace.
const MOST_BROKEN: u32 = 6;
/// A source that stands for a relay whose position is not stored.
const STRANGER: SourceId = SourceId(900);

/// What the files say before a start.
struct Found {
    /// Whether anything stands behind the last acknowledged batch; unknown when a later segment was begun.
    stray: Option<bool>,
    /// The newest snapshot that is good, and how many damaged ones are newer.
    snapshot: Option<u64>,
    damaged: usize,
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Host {
    /// The files after the node ended.
    pub(crate) fn restore_files(&mut self, end: End) -> Result<(), String> {
        match end {
            End::Power => self.disk.lose_power().map_err(told)?,
            End::Process => self.disk.end_process().map_err(told)?,
        }
        if self.options.damage && self.ends.chance(250) {
            self.damage_newest_snapshot()?;
        }
        Ok(())
    }

    /// Damages the newest snapshot, unless the state could not be built without it.
    fn damage_newest_snapshot(&mut self) -> Result<(), String> {
        let files = snapshot::list(&self.folder).map_err(told)?;
        let good: Vec<_> = files.iter().filter(|file| !self.is_damaged(file)).collect();
        let Some(newest) = good.first() else { return Ok(()) };
        if good.len() < 2 && !self.config.retain_segments {
            return Ok(());
        }
        let change = |random: &mut crate::Random, bytes: &mut Vec<u8>| {
            let at = usize::try_from(random.below(bytes.len().max(1) as u64)).unwrap_or(0);
            if random.chance(300) {
                bytes.truncate(at);
            } else if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        };
        self.disk.damage(&newest.path, change).map_err(told)?;
        self.damaged.insert(newest.sequence, std::fs::read(&newest.path).map_err(told)?);
        Ok(())
    }

    fn is_damaged(&self, file: &snapshot::SnapshotFile) -> bool {
        let left = self.damaged.get(&file.sequence);
        left.is_some_and(|left| std::fs::read(&file.path).is_ok_and(|bytes| bytes == *left))
    }

    /// Starts until it works, and compares everything. `in_flight`: what the disk had been given when the node ended;
    /// `written`: the journal had said that it was durable.
    pub(crate) fn start(&mut self, in_flight: &[Envelope], written: bool) -> Result<(), String> {
        self.cut_too_much();
        let mut broken = 0;
        let (report, found) = loop {
            if self.options.power_cuts && broken < MOST_BROKEN && self.ends.chance(250) {
                self.disk.cut_after(Some(self.ends.below(20)));
            }
            let found = self.look()?;
            let before = self.disk.failures();
            let clock: Arc<dyn Clock> = Arc::<runtime::clock::ManualClock>::clone(&self.clock);
            match Stepped::start_on(self.config.clone(), clock, Arc::new(self.disk.clone())) {
                Ok((node, report)) => {
                    self.node = Some(node);
                    break (report, found);
                }
                Err(_) if self.disk.is_dead() => self.restore_files(End::Power)?,
                Err(_) if self.disk.failures() > before => {
                    let end = if self.ends.chance(500) { End::Power } else { End::Process };
                    self.restore_files(end)?;
                }
                Err(error) => return Err(format!("the node does not start: {error}")),
            }
            broken += 1;
            self.summary.broken_starts += 1;
            fail_unless(broken < 1_000, || "the node does not start any more".to_owned())?;
        };
        self.disk.cut_after(None);
        self.check_start(&report, &found, in_flight, written)
    }

    /// Reads what the files say, without the journal's word.
    fn look(&self) -> Result<Found, String> {
        let mut segments: Vec<_> = std::fs::read_dir(&self.folder).map_err(told)?.flatten().map(|e| e.path()).collect();
        segments.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
        let newest = segments.into_iter().max();
        let stray = newest.filter(|path| *path == self.position.0).map(|path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            let end = usize::try_from(self.position.1).unwrap_or(usize::MAX).min(bytes.len());
            bytes[end..].iter().any(|byte| *byte != 0)
        });
        let files = snapshot::list(&self.folder).map_err(told)?;
        let good = files.iter().position(|file| !self.is_damaged(file));
        let snapshot = good.map(|at| files[at].sequence);
        Ok(Found { stray, snapshot, damaged: good.unwrap_or(files.len()) })
    }

    fn check_start(
        &mut self,
        report: &StartReport,
        found: &Found,
        in_flight: &[Envelope],
        written: bool,
    ) -> Result<(), String> {
        let (before, recovered) = (self.truth.last(), report.image.sequence.0);
        let whole = before + in_flight.len() as u64;
        let promised = if written { whole } else { self.acknowledged.max(before) };
        fail_unless(recovered >= promised, || {
            format!("acknowledged commands are lost: {promised} were, {recovered} are there")
        })?;
        fail_unless(recovered == before || recovered == whole, || {
            format!("a part of a batch is there: {before} commands before it, {whole} with it, {recovered} found")
        })?;
        let mut reported = report.journal.torn.is_some();
        if recovered > before {
            self.take_in(before, in_flight)?;
            self.summary.survived += 1;
        } else if let Some(stray) = found.stray {
            fail_unless(reported == stray, || {
                format!("there are bytes behind the end: {stray}, and the start reports a torn tail: {reported}")
            })?;
            reported &= stray;
        }
        self.summary.torn += u64::from(reported);
        self.check_snapshots(report, found)?;
        self.check_journal(report.journal.first_sequence)?;
        self.check_state(report)?;
        let Some(node) = &self.node else { return Ok(()) };
        let (path, offset) = node.position();
        self.position = (path.to_owned(), offset);
        self.acknowledged = self.truth.last();
        self.ends_of_batches.push(self.acknowledged);
        self.relays.restart();
        Ok(())
    }

    /// Nobody had a receipt for these, but they are durable now.
    fn take_in(&mut self, before: u64, in_flight: &[Envelope]) -> Result<(), String> {
        let mut reader = Reader::open(&self.folder, before + 1).map_err(told)?;
        for envelope in in_flight {
            let record = reader.next().map_err(told)?.ok_or("a command that was recovered is not in the journal")?;
            let input = codec::decode(Sequence(record.sequence), record.payload).map_err(told)?;
            fail_unless(input.envelope == *envelope, || format!("{envelope:?} was sent, {input:?} is in the journal"))?;
            self.truth.follow(input, None)?;
            self.relays.learn(envelope, &self.truth.money);
            if let Some(events) = self.truth.events.last() {
                self.workload.observe(events);
            }
        }
        Ok(())
    }

    fn check_snapshots(&mut self, report: &StartReport, found: &Found) -> Result<(), String> {
        fail_unless(report.snapshot == found.snapshot, || {
            format!("the newest good snapshot is {:?}, the start took {:?}", found.snapshot, report.snapshot)
        })?;
        let hides = self.fault == Some(Fault::HiddenDamage);
        let (named, damaged) = (if hides { 0 } else { report.passed_over.len() }, found.damaged);
        fail_unless(named == damaged, || format!("{damaged} damaged snapshots were passed over, {named} were named"))?;
        self.summary.fallbacks += u64::from(named > 0);
        Ok(())
    }

    /// Every acknowledged command that is still kept is in the journal, in order.
    fn check_journal(&self, first: u64) -> Result<(), String> {
        let mut reader = Reader::open(&self.folder, first).map_err(told)?;
        let skipped = usize::try_from(first - 1).unwrap_or(usize::MAX);
        for expected in self.truth.log.iter().skip(skipped) {
            let record = reader.next().map_err(told)?;
            let record = record.ok_or_else(|| format!("command {} is not in the journal", expected.sequence))?;
            let input = codec::decode(Sequence(record.sequence), record.payload).map_err(told)?;
            fail_unless(input == *expected, || format!("{expected:?} was acknowledged, {input:?} is in the journal"))?;
        }
        let more = reader.next().map_err(told)?;
        fail_unless(more.is_none(), || "the journal goes on after the last command".to_owned())
    }

    fn check_state(&self, report: &StartReport) -> Result<(), String> {
        self.truth.compare(&report.image)?;
        let Some(node) = &self.node else { return Ok(()) };
        if self.fault == Some(Fault::ForgottenSource) {
            return Ok(());
        }
        let found = (node.replica().state_hash(), node.replica().events_hash());
        let expected = (self.truth.engine.state_hash(), self.truth.engine.events_hash());
        fail_unless(found == expected, || "the recovered state is not that of an independent replay".to_owned())
    }
}

/// The deliberate faults of starts and snapshots.
impl Host {
    fn cut_too_much(&mut self) {
        let ends = &self.ends_of_batches;
        if self.fault == Some(Fault::CutTooMuch)
            && ends.len() > 20
            && let Some(last) = ends.iter().rev().find(|end| **end < self.truth.last())
        {
            // When the place is gone already, the next start tries again.
            let _ = journal::repair::cut_after(&self.folder, *last);
        }
    }

    /// A snapshot whose checks all hold, of a state that is not the right one.
    pub(crate) fn write_altered_snapshot(&mut self) -> Result<(), String> {
        let Some(altered) = self.altered_log() else { return Ok(()) };
        let mut engine: Engine<Levels> = Engine::new();
        let mut events: Vec<Event> = Vec::new();
        for input in &altered {
            events.clear();
            engine.apply(input, &mut events);
        }
        let mut bytes = Vec::new();
        engine.snapshot(&mut bytes);
        let (disk, last) = (&self.disk, engine.sequence().0);
        // The disk may be dead or fail: then there is none.
        let write = |out: &mut dyn std::io::Write| out.write_all(&bytes);
        let _ = snapshot::write_on(disk, Path::new(&self.folder), last, engine.state_hash(), write);
        Ok(())
    }

    fn altered_log(&self) -> Option<Vec<Stamped>> {
        let mut log = self.truth.log.clone();
        match self.fault? {
            Fault::ForgottenSource => {
                let relay = SourceId(FIRST_RELAY + 1);
                log.iter_mut().filter(|input| input.envelope.source == relay).for_each(|input| {
                    input.envelope.source = STRANGER;
                });
            }
            Fault::MissingHold => {
                let HoldId(newest) = *self.truth.money.holds.keys().next_back()?;
                let is_it = |event: &Event| matches!(event, Event::Held { hold: HoldId(hold), .. } if *hold == newest);
                let at = self.truth.events.iter().position(|events| events.iter().any(is_it))?;
                log[at].envelope.command = Command::Tick;
            }
            _ => return None,
        }
        Some(log)
    }
}
