//! One simulated run: two engines, one auditor, restarts in between, a replay and a drained book at the end.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::{Book, Engine, Levels, Naive};
use model::{Command, Envelope, Event, HoldId, MarketState, Sequence, SourceId, SourceSeq, Stamped, Timestamp, codec};

use crate::{Auditor, Coverage, Random, Recorded, Workload};

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
    /// All commands up to there, for [`crate::shrink`].
    pub recorded: Vec<Recorded>,
}

/// When engines are replaced by ones restored from snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restarts {
    /// Never.
    Never,
    /// Now and then.
    Seldom,
    /// After each command.
    Always,
}

/// May change the answer to each command, told by its number, before the auditor sees it. This is how tests show that a
/// run fails when it should.
pub type Fault<'a> = &'a mut dyn FnMut(u64, &mut Vec<Event>);

/// Is given each pair of engines before it works, a restored one too. Tests give them faults by it.
pub type Prepare<'a> = &'a mut dyn FnMut(&mut Engine<Levels>, &mut Engine<Naive>);

/// Source of the commands that drain the books at the end.
const DRAIN: SourceId = SourceId(500);
/// When runs begin.
const BEGIN: u64 = 1_700_000_000_000_000;

/// The engines, the auditor, and what they were given so far.
pub(crate) struct Run<'a> {
    step: &'a Cell<u64>,
    recorded: &'a RefCell<Vec<Recorded>>,
    fault: Fault<'a>,
    prepare: Prepare<'a>,
    restarts: Restarts,
    seed: u64,
    random: Random,
    fast: Engine<Levels>,
    naive: Engine<Naive>,
    auditor: Auditor,
    /// Encoded commands, in their order.
    journal: Vec<Vec<u8>>,
    coverage: Coverage,
    restarted: u64,
}

/// Runs so many commands of a seed's workload through both engines and the auditor.
pub fn run(seed: u64, commands: u64) -> Result<Summary, Failure> {
    run_with(seed, commands, &mut |_, _| {})
}

/// [`run`] with a fault in it.
pub fn run_with(seed: u64, commands: u64, fault: Fault<'_>) -> Result<Summary, Failure> {
    guarded(seed, Restarts::Seldom, &mut |_, _| {}, fault, |run| run.complete(commands))
}

/// [`run`] with prepared engines.
pub fn run_prepared(seed: u64, commands: u64, prepare: Prepare<'_>) -> Result<Summary, Failure> {
    guarded(seed, Restarts::Seldom, prepare, &mut |_, _| {}, |run| run.complete(commands))
}

/// Runs with a fresh pair of engines. An engine that finds its money wrong panics; that is a finding too.
pub(crate) fn guarded(
    seed: u64,
    restarts: Restarts,
    prepare: Prepare<'_>,
    fault: Fault<'_>,
    body: impl FnOnce(&mut Run<'_>) -> Result<u64, String>,
) -> Result<Summary, Failure> {
    let (step, recorded) = (Cell::new(0), RefCell::new(Vec::new()));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut run = Run::new(seed, restarts, &step, &recorded, prepare, fault);
        run.prepare();
        let state_hash = body(&mut run)?;
        let commands = step.get();
        Ok(Summary { seed, commands, restarts: run.restarted, coverage: run.coverage, state_hash })
    }));
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        Err(format!("the engine stopped: {text}"))
    });
    outcome.map_err(|message| Failure { seed, step: step.get(), message, recorded: recorded.take() })
}

fn fail_unless(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl<'a> Run<'a> {
    fn new(
        seed: u64,
        restarts: Restarts,
        step: &'a Cell<u64>,
        recorded: &'a RefCell<Vec<Recorded>>,
        prepare: Prepare<'a>,
        fault: Fault<'a>,
    ) -> Self {
        Self {
            step,
            recorded,
            fault,
            prepare,
            restarts,
            // Other chances than the workload's, from the same seed.
            seed,
            random: Random::new(!seed),
            fast: Engine::new(),
            naive: Engine::new(),
            auditor: Auditor::new(),
            journal: Vec::new(),
            coverage: Coverage::default(),
            restarted: 0,
        }
    }

    fn prepare(&mut self) {
        (self.prepare)(&mut self.fast, &mut self.naive);
    }

    /// Runs a seed's workload to the end; gives the state's hash before the books were drained.
    fn complete(&mut self, commands: u64) -> Result<u64, String> {
        let mut workload = Workload::new(self.seed);
        let mut time = BEGIN;
        for _ in 0..commands {
            time += workload.pause();
            // A clock may step back.
            let stamp = if self.random.chance(30) { time - self.random.below(50) } else { time };
            let envelope = workload.command(Timestamp(time));
            let events = self.apply(Timestamp(stamp), envelope)?;
            workload.observe(&events);
        }
        self.finish(Timestamp(time))
    }

    /// Compares all, replays the journal, and drains the books.
    pub(crate) fn finish(&mut self, time: Timestamp) -> Result<u64, String> {
        self.compare()?;
        self.replay()?;
        let state_hash = self.fast.state_hash();
        self.drain(time)?;
        Ok(state_hash)
    }

    /// Applies one command to all, and compares.
    pub(crate) fn apply(&mut self, time: Timestamp, envelope: Envelope) -> Result<Vec<Event>, String> {
        self.step.set(self.step.get() + 1);
        let sequence = Sequence(self.step.get());
        let mut bytes = Vec::new();
        codec::encode(&mut bytes, time, &envelope);
        let input =
            codec::decode(sequence, &bytes).map_err(|error| format!("{envelope:?} is not read back: {error}"))?;
        let written = Stamped { sequence, time, envelope };
        fail_unless(input == written, || format!("{written:?} comes back from its bytes as {input:?}"))?;
        self.journal.push(bytes);
        self.recorded.borrow_mut().push(Recorded::new(time, input.envelope.clone()));

        let (mut events, mut other) = (Vec::new(), Vec::new());
        self.fast.apply(&input, &mut events);
        self.naive.apply(&input, &mut other);
        let command = &input.envelope.command;
        fail_unless(events == other, || {
            format!("{command:?}: the fast book gives {events:?}, the naive one {other:?}")
        })?;
        fail_unless(self.fast.events_hash() == self.naive.events_hash(), || "the event hashes differ".to_owned())?;
        if let Some(last) = self.recorded.borrow_mut().last_mut() {
            last.observe(&events);
        }
        (self.fault)(sequence.0, &mut events);
        self.auditor
            .check(&input, &events)
            .map_err(|discrepancy| format!("{discrepancy}\nin the answer to {command:?}: {events:#?}"))?;
        self.coverage.count(command, &events);
        if let Some(due) = self.auditor.next_deadline() {
            let awake = self.fast.next_deadline();
            fail_unless(awake.is_some_and(|awake| awake <= due), || {
                format!("after {command:?} the engine wakes at {awake:?}, but something is due at {due}")
            })?;
        }
        if self.restarts == Restarts::Always || self.random.chance(20) {
            self.compare()?;
        }
        if self.restarts == Restarts::Always || self.restarts == Restarts::Seldom && self.random.chance(5) {
            self.restart()?;
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
        self.prepare();
        self.restarted += 1;
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
    fn drain(&mut self, time: Timestamp) -> Result<(), String> {
        let image = self.fast.image();
        for market in image.markets.iter().map(|image| image.market.id) {
            let (state, until) = (MarketState::CancelOnly, Timestamp::NEVER);
            self.apply(time, Envelope::client(Command::SetMarketState { market, state, until }))?;
        }
        for account in image.accounts.iter().map(|image| image.account) {
            self.apply(time, Envelope::client(Command::CancelAll { account, market: None }))?;
        }
        // Holds are numbered from 1; those that are closed already are refused.
        let is_hold = |balance: &model::BalanceImage| balance.held.0 != 0;
        let mut position = 0;
        while self.fast.image().balances.iter().any(is_hold) {
            position += 1;
            fail_unless(position <= self.step.get(), || "something is held for nothing".to_owned())?;
            let command = Command::Release { hold: HoldId(position) };
            self.apply(time, Envelope { source: DRAIN, source_seq: SourceSeq(position), command })?;
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
