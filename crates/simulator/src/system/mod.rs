//! The seeded simulation of the whole: a node on a disk that fails, killed and restarted at any point, with relays that
//! repeat themselves and readers that are slow and die. One thread; a seed is the whole story of a run.

mod balances;
mod disk;
mod host;
mod money;
mod reader;
mod recovery;
mod relay;
mod truth;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What a run has in it. Each part has chances of its own, so that a run without one goes much as the one with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Commands that clients and relays send at least.
    pub commands: u64,
    /// Losses of power, each with what was not synced.
    pub power_cuts: bool,
    /// Ends of the process alone.
    pub kills: bool,
    /// Calls of the disk that fail.
    pub failures: bool,
    /// Snapshots that are damaged while the node is down.
    pub damage: bool,
    /// Relays that send commands twice, too early and again.
    pub relays: bool,
    /// Followers and views.
    pub readers: bool,
}

impl Options {
    /// Everything.
    pub const fn new(commands: u64) -> Self {
        Self { commands, power_cuts: true, kills: true, failures: true, damage: true, relays: true, readers: true }
    }

    /// The parts that can be left out, by name.
    pub fn parts(&mut self) -> [(&'static str, &mut bool); 6] {
        [
            ("power-cuts", &mut self.power_cuts),
            ("kills", &mut self.kills),
            ("failures", &mut self.failures),
            ("damage", &mut self.damage),
            ("relays", &mut self.relays),
            ("readers", &mut self.readers),
        ]
    }
}

/// A deliberate fault of this driver or its disk, for tests that show that a run can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Some syncs answer well and do nothing.
    SkippedSync,
    /// Commands count as acknowledged when the disk is given them.
    EarlyReceipt,
    /// A snapshot forgets how far a relay's commands were applied; the states are not compared, only the money.
    ForgottenSource,
    /// A snapshot has one hold too few.
    MissingHold,
    /// A follower leaves out a step now and then.
    SkippedStep,
    /// A start cuts a batch that was whole.
    CutTooMuch,
    /// A start passes over a damaged snapshot and does not say so.
    HiddenDamage,
}

/// What a run without a finding has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Durable commands.
    pub commands: u64,
    /// Restarts after a loss of power.
    pub power_cuts: u64,
    /// Restarts after the process ended, by itself when the disk failed or not.
    pub kills: u64,
    /// Starts that the disk or a loss of power ended.
    pub broken_starts: u64,
    /// Calls of the disk that failed.
    pub failures: u64,
    /// Torn tails that a start cut.
    pub torn: u64,
    /// Batches that nobody had a receipt for and that were there after the restart.
    pub survived: u64,
    /// Snapshots written.
    pub snapshots: u64,
    /// Starts that passed over a damaged snapshot.
    pub fallbacks: u64,
    /// Commands of relays that came again.
    pub repeated: u64,
    /// Commands of relays that came before their turn.
    pub early: u64,
    /// Deaths of readers.
    pub deaths: u64,
    /// Followers that retention overtook, so that they began anew with an image.
    pub resets: u64,
    /// Times that a view loaded an image.
    pub reloads: u64,
    /// Hash of the last state.
    pub state_hash: u64,
}

impl Summary {
    /// Adds what another run did.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.counts_mut().into_iter().zip(other.counts()) {
            *ours.1 += theirs.1;
        }
    }

    /// What was done how often.
    pub fn counts(&self) -> [(&'static str, u64); 14] {
        self.clone().counts_mut().map(|(name, count)| (name, *count))
    }

    fn counts_mut(&mut self) -> [(&'static str, &mut u64); 14] {
        [
            ("durable commands", &mut self.commands),
            ("losses of power", &mut self.power_cuts),
            ("ends of the process", &mut self.kills),
            ("starts that broke off", &mut self.broken_starts),
            ("failed calls of the disk", &mut self.failures),
            ("torn tails cut", &mut self.torn),
            ("batches that survived without a receipt", &mut self.survived),
            ("snapshots written", &mut self.snapshots),
            ("starts from an older snapshot", &mut self.fallbacks),
            ("commands sent again", &mut self.repeated),
            ("commands sent too early", &mut self.early),
            ("deaths of readers", &mut self.deaths),
            ("followers that retention overtook", &mut self.resets),
            ("images loaded by views", &mut self.reloads),
        ]
    }
}

/// The first finding of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("system seed {seed}, after command {command}: {message}")]
pub struct Failure {
    /// The run's seed.
    pub seed: u64,
    /// The last durable command before it.
    pub command: u64,
    /// What was found.
    pub message: String,
    /// What the run had in it.
    pub options: Options,
}

impl Failure {
    /// The arguments of the `sim` tool that repeat the run.
    pub fn arguments(&self) -> String {
        let mut options = self.options;
        let off: Vec<&str> = options.parts().into_iter().filter(|part| !*part.1).map(|part| part.0).collect();
        let without = if off.is_empty() { String::new() } else { format!(" --without {}", off.join(",")) };
        let (seed, commands) = (self.seed, self.options.commands);
        format!("--seeds 0 --system-seeds 1 --first-seed {seed} --system-commands {commands}{without}")
    }
}

/// Runs a seed in an empty folder.
///
/// # Errors
/// The first finding.
pub fn run(seed: u64, options: Options, folder: &Path) -> Result<Summary, Failure> {
    run_with(seed, options, folder, None)
}

/// [`run`] with a deliberate fault in it.
///
/// # Errors
/// The first finding.
pub fn run_with(seed: u64, options: Options, folder: &Path, fault: Option<Fault>) -> Result<Summary, Failure> {
    let mut host = host::Host::new(seed, options, fault, folder);
    // An engine that finds its money wrong panics; that is a finding too.
    let outcome = catch_unwind(AssertUnwindSafe(|| host.run()));
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        Err(format!("it stopped: {text}"))
    });
    outcome.map_err(|message| Failure { seed, command: host.last(), message, options })
}

/// Leaves parts and commands out of a failing run as long as it still fails; `again` repeats a run in a fresh folder.
pub fn shrink(failure: Failure, again: &mut dyn FnMut(u64, Options) -> Result<Summary, Failure>) -> Failure {
    let mut best = failure;
    for part in 0..best.options.parts().len() {
        let mut fewer = best.options;
        *fewer.parts()[part].1 = false;
        if let Err(smaller) = again(best.seed, fewer) {
            best = smaller;
        }
    }
    let mut step = best.options.commands / 2;
    while step > 0 {
        let fewer = Options { commands: best.options.commands.saturating_sub(step), ..best.options };
        match again(best.seed, fewer) {
            Err(smaller) => best = smaller,
            Ok(_) => step /= 2,
        }
        step = step.min(best.options.commands);
    }
    best
}
