//! A failing run made short: chunks of its commands are left out as long as what is left still fails.

use std::collections::BTreeMap;

use model::{
    CancelReplace, Command, Envelope, Event, HoldId, ListId, ListTarget, OrderId, SourceId, SourceSeq, Target,
    Timestamp,
};

use crate::run::{Failure, Fault, Restarts, guarded};

/// A command of a run with its time and the ids that its answer gave, so that others can still name them when some before
/// it are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// When it came.
    pub time: Timestamp,
    /// What was sent.
    pub envelope: Envelope,
    orders: Vec<OrderId>,
    lists: Vec<ListId>,
    holds: Vec<HoldId>,
    /// Whether it used a position of its source.
    in_order: bool,
}

impl Recorded {
    pub(crate) const fn new(time: Timestamp, envelope: Envelope) -> Self {
        Self { time, envelope, orders: Vec::new(), lists: Vec::new(), holds: Vec::new(), in_order: true }
    }

    /// Keeps the ids that the answer gave.
    pub(crate) fn observe(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::Accepted(ref accepted) => self.orders.push(accepted.order),
                Event::ListPlaced { list, .. } => self.lists.push(list),
                Event::Held { hold, .. } => self.holds.push(hold),
                Event::Duplicate { .. } | Event::Rejected { reason: model::Reject::SourceGap, .. } => {
                    self.in_order = false;
                }
                _ => {}
            }
        }
    }
}

/// A fault that is made anew for each try.
pub type OwnedFault = Box<dyn FnMut(u64, &mut Vec<Event>)>;

/// The ids that a shortened run gave in the place of those of the whole one.
#[derive(Debug, Default)]
struct Names {
    orders: BTreeMap<OrderId, OrderId>,
    lists: BTreeMap<ListId, ListId>,
    holds: BTreeMap<HoldId, HoldId>,
    positions: BTreeMap<SourceId, u64>,
}

fn renamed<K: Ord + Copy>(names: &BTreeMap<K, K>, id: K) -> K {
    names.get(&id).copied().unwrap_or(id)
}

impl Names {
    fn target(&self, target: Target) -> Target {
        match target {
            Target::Order(id) => Target::Order(renamed(&self.orders, id)),
            Target::Both(id, name) => Target::Both(renamed(&self.orders, id), name),
            Target::Client(_) => target,
        }
    }

    /// The command as this run must send it.
    fn translate(&mut self, recorded: &Recorded) -> Envelope {
        let mut envelope = recorded.envelope.clone();
        match &mut envelope.command {
            Command::Cancel { target, .. } | Command::CancelReplace(CancelReplace { target, .. }) => {
                *target = self.target(*target);
            }
            Command::Amend(amend) => amend.target = self.target(amend.target),
            Command::Modify { order, .. } => *order = renamed(&self.orders, *order),
            Command::CancelList { target: ListTarget::List(list), .. } => *list = renamed(&self.lists, *list),
            Command::Capture { hold, .. } | Command::Release { hold } => *hold = renamed(&self.holds, *hold),
            _ => {}
        }
        if envelope.source != SourceId::NONE && recorded.in_order {
            let last = self.positions.entry(envelope.source).or_default();
            *last += 1;
            envelope.source_seq = SourceSeq(*last);
        }
        envelope
    }

    fn learn(&mut self, before: &Recorded, events: &[Event]) {
        let mut now = Recorded::new(before.time, before.envelope.clone());
        now.observe(events);
        self.orders.extend(before.orders.iter().copied().zip(now.orders));
        self.lists.extend(before.lists.iter().copied().zip(now.lists));
        self.holds.extend(before.holds.iter().copied().zip(now.holds));
    }
}

/// Runs these commands, and compares and drains everything at the end.
pub fn replay(seed: u64, commands: &[Recorded], restarts: Restarts, fault: Fault<'_>) -> Result<(), Failure> {
    let outcome = guarded(seed, restarts, &mut |_, _| {}, fault, |run| {
        let mut names = Names::default();
        let mut time = Timestamp(0);
        for recorded in commands {
            time = recorded.time;
            let envelope = names.translate(recorded);
            let events = run.apply(time, envelope)?;
            names.learn(recorded, &events);
        }
        run.finish(time)
    });
    outcome.map(|_| ())
}

/// A failure with as few commands as so many tries find; when it does not fail again by its commands alone, the failure
/// itself.
pub fn shrink(failure: Failure, tries: u32) -> Failure {
    shrink_with(failure, tries, &mut || Box::new(|_, _| {}))
}

/// [`shrink`] of a run with a fault in it, made anew for each try.
pub fn shrink_with(failure: Failure, tries: u32, fault: &mut dyn FnMut() -> OwnedFault) -> Failure {
    for restarts in [Restarts::Never, Restarts::Always] {
        let mut fails = |commands: &[Recorded]| replay(failure.seed, commands, restarts, &mut *fault()).err();
        if let Some(again) = fails(&failure.recorded) {
            let kind = kind_of(&again.message);
            let mut fails_alike =
                |commands: &[Recorded]| fails(commands).filter(|other| kind_of(&other.message) == kind);
            return shorten(again, tries, &mut fails_alike);
        }
    }
    failure
}

/// What tells findings apart: the rule, the kinds of the events, and the reasons in them.
fn kind_of(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split(|next: char| !next.is_alphanumeric() && next != '_').collect();
    let marks = ["expected", "found", "reason", "stopped"];
    let told = words.windows(2).filter(|pair| marks.contains(&pair[0])).map(|pair| pair[1]);
    let rule = line.split(", ").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or_default();
    format!("{rule} {}", told.collect::<Vec<_>>().join(" "))
}

fn shorten(mut best: Failure, mut tries: u32, fails: &mut dyn FnMut(&[Recorded]) -> Option<Failure>) -> Failure {
    let mut chunk = best.recorded.len().div_ceil(2);
    while chunk > 0 && tries > 0 {
        let (mut at, mut found) = (0, false);
        while at < best.recorded.len() && tries > 0 {
            tries -= 1;
            let mut fewer = best.recorded.clone();
            fewer.drain(at..(at + chunk).min(fewer.len()));
            // A failure while the books are drained has the commands of the draining with it.
            match fails(&fewer) {
                Some(shorter) if shorter.recorded.len() < best.recorded.len() => {
                    (best, found) = (shorter, true);
                }
                _ => at += chunk,
            }
        }
        if !found || chunk > 1 {
            chunk /= 2;
        }
    }
    best
}
