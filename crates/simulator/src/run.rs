//! One simulated run: two engines, one auditor, restarts in between, a replay and a drained book at the end.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::{Book, Engine, Levels, Naive};
use model::{AccountId, Command, Envelope, Event, HoldId, Sequence, SourceId, SourceSeq, Stamped, Timestamp, codec};

use crate::{Auditor, Coverage, Random, Workload};

/// What a run without a finding has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its seed.
    pub seed: u64,
    /// Commands applied, those that drain the books included.
    pub commands: u64,
    /// How often an engine was replaced by one restored from a snapshot.
    pub restarts: u64,
    /// What was reached.
    pub coverage: Coverage,
    /// Hash of the state before the books were drained.
    pub state_hash: u64,
}

/// The first finding of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, command {step}: {message}")]
pub struct Failure {
    /// The run's seed.
    pub seed: u64,
    /// The command in whose answer it was found.
    pub step: u64,
    /// What was found.
    pub message: String,
}

/// Source of the commands that drain the books at the end.
const DRAIN: SourceId = SourceId(500);

struct Run<'a> {
    step: &'a Cell<u64>,
    fault: &'a mut dyn FnMut(u64, &mut Vec<Event>),
    random: Random,
    time: u64,
    fast: Engine<Levels>,
    naive: Engine<Naive>,
    auditor: Auditor,
    /// Encoded commands, each after its length.
    journal: Vec<Vec<u8>>,
    coverage: Coverage,
    restarts: u64,
}

/// Runs so many commands of a seed's workload through both engines and the auditor.
pub fn run(seed: u64, commands: u64) -> Result<Summary, Failure> {
    run_with(seed, commands, &mut |_, _| {})
}

/// [`run`] with a fault in it: `fault` may change the answer to each command, told by its number, before the auditor sees
/// it. This is how tests show that a run fails when it should.
pub fn run_with(seed: u64, commands: u64, fault: &mut dyn FnMut(u64, &mut Vec<Event>)) -> Result<Summary, Failure> {
    let step = Cell::new(0);
    // An engine that finds its money wrong panics; that is a finding too.
    let outcome = catch_unwind(AssertUnwindSafe(|| Run::new(seed, &step, fault).complete(seed, commands)));
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        Err(format!("the engine stopped: {text}"))
    });
    outcome.map_err(|message| Failure { seed, step: step.get(), message })
}

fn fail_unless(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl<'a> Run<'a> {
    fn new(seed: u64, step: &'a Cell<u64>, fault: &'a mut dyn FnMut(u64, &mut Vec<Event>)) -> Self {
        Self {
            step,
            fault,
            // Other chances than the workload's, from the same seed.
            random: Random::new(!seed),
            time: 1_700_000_000_000_000,
            fast: Engine::new(),
            naive: Engine::new(),
            auditor: Auditor::new(),
            journal: Vec::new(),
            coverage: Coverage::default(),
            restarts: 0,
        }
    }

    fn complete(mut self, seed: u64, commands: u64) -> Result<Summary, String> {
        let mut workload = Workload::new(seed);
        for _ in 0..commands {
            let envelope = workload.command();
            let events = self.apply(envelope)?;
            workload.observe(&events);
            if self.random.chance(5) {
                self.restart()?;
            }
        }
        self.compare()?;
        self.replay()?;
        let state_hash = self.fast.state_hash();
        self.drain()?;
        let commands = self.step.get();
        Ok(Summary { seed, commands, restarts: self.restarts, coverage: self.coverage, state_hash })
    }

    /// Applies one command to all, and compares.
    fn apply(&mut self, envelope: Envelope) -> Result<Vec<Event>, String> {
        self.step.set(self.step.get() + 1);
        // Most commands come later than the one before, some with it, and a clock may even have stepped back.
        self.time = match self.random.below(10) {
            0 => self.time - self.random.below(50),
            1 | 2 => self.time,
            _ => self.time + self.random.below(5_000),
        };
        let (sequence, time) = (Sequence(self.step.get()), Timestamp(self.time));
        let mut bytes = Vec::new();
        codec::encode(&mut bytes, time, &envelope);
        let input =
            codec::decode(sequence, &bytes).map_err(|error| format!("{envelope:?} is not read back: {error}"))?;
        let written = Stamped { sequence, time, envelope };
        fail_unless(input == written, || format!("{written:?} comes back from its bytes as {input:?}"))?;
        self.journal.push(bytes);

        let (mut events, mut other) = (Vec::new(), Vec::new());
        self.fast.apply(&input, &mut events);
        self.naive.apply(&input, &mut other);
        fail_unless(events == other, || {
            format!("{:?}: the fast book gives {events:?}, the naive one {other:?}", envelope.command)
        })?;
        fail_unless(self.fast.events_hash() == self.naive.events_hash(), || "the event hashes differ".to_owned())?;
        (self.fault)(sequence.0, &mut events);
        self.auditor
            .check(&input, &events)
            .map_err(|discrepancy| format!("{discrepancy}\nin the answer to {:?}: {events:?}", envelope.command))?;
        events.iter().for_each(|event| self.coverage.count(event));
        if self.random.chance(20) {
            self.compare()?;
        }
        Ok(events)
    }

    /// Compares whole states.
    fn compare(&self) -> Result<(), String> {
        let (fast, naive) = (self.fast.state_hash(), self.naive.state_hash());
        fail_unless(fast == naive, || format!("the state hashes differ: {fast:x} and {naive:x}"))?;
        self.auditor.compare(&self.fast.image()).map_err(|discrepancy| discrepancy.to_string())?;
        self.auditor.compare(&self.naive.image()).map_err(|discrepancy| discrepancy.to_string())
    }

    /// Goes on with an engine that was restored from the other's snapshot.
    fn restart(&mut self) -> Result<(), String> {
        let mut bytes = Vec::new();
        if self.random.chance(500) {
            self.naive.snapshot(&mut bytes);
            self.fast = restore(&bytes)?;
        } else {
            self.fast.snapshot(&mut bytes);
            self.naive = restore(&bytes)?;
        }
        self.restarts += 1;
        self.compare()
    }

    /// Applies the whole journal to a new engine: events and state must come out the same.
    fn replay(&self) -> Result<(), String> {
        let mut engine: Engine<Levels> = Engine::new();
        let mut events = Vec::new();
        for (bytes, sequence) in self.journal.iter().zip(1..) {
            let input = codec::decode(Sequence(sequence), bytes).map_err(|error| error.to_string())?;
            events.clear();
            engine.apply(&input, &mut events);
        }
        fail_unless(engine.events_hash() == self.fast.events_hash(), || "a replay gives other events".to_owned())?;
        fail_unless(engine.state_hash() == self.fast.state_hash(), || "a replay gives another state".to_owned())
    }

    /// Cancels every order and releases every hold: nothing may be held then.
    fn drain(&mut self) -> Result<(), String> {
        let accounts: Vec<AccountId> = self.fast.image().accounts;
        for account in accounts {
            self.apply(Envelope::client(Command::CancelAll { account, market: None }))?;
        }
        // Holds are numbered from 1; those that are closed already are refused.
        let is_hold = |balance: &model::BalanceImage| balance.held.0 != 0;
        let mut position = 0;
        while self.fast.image().balances.iter().any(is_hold) {
            position += 1;
            fail_unless(position <= self.step.get(), || "something is held for nothing".to_owned())?;
            let command = Command::Release { hold: HoldId(position) };
            self.apply(Envelope { source: DRAIN, source_seq: SourceSeq(position), command })?;
        }
        fail_unless(self.fast.open_orders() == 0, || "an order is open after all were cancelled".to_owned())?;
        self.compare()
    }
}

fn restore<B: Book>(bytes: &[u8]) -> Result<Engine<B>, String> {
    let engine: Engine<B> = Engine::restore(bytes).map_err(|error| format!("a snapshot is not read back: {error}"))?;
    let mut again = Vec::new();
    engine.snapshot(&mut again);
    fail_unless(again == bytes, || "a restored engine writes another snapshot".to_owned())?;
    Ok(engine)
}
