//! The engine by itself: in memory, one command after another. What replays, benchmarks and tests run on.

use std::collections::BTreeMap;

use engine::Engine;
use model::{Envelope, Event, Image, Sequence, SourceId, SourceSeq, Stamped, Timestamp};

/// An engine with a counter; it stamps what it is given.
#[derive(Debug, Default)]
pub struct Replica {
    engine: Engine,
}

impl Replica {
    /// An empty state.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn from_engine(engine: Engine) -> Self {
        Self { engine }
    }

    /// Applies a command at this time and appends its events.
    pub fn apply(&mut self, time: Timestamp, envelope: Envelope, events: &mut Vec<Event>) {
        let sequence = Sequence(self.engine.sequence().0 + 1);
        self.engine.apply(&Stamped { sequence, time, envelope }, events);
    }

    /// Applies a command that was stamped before; it must be the next in sequence.
    pub fn apply_stamped(&mut self, input: &Stamped, events: &mut Vec<Event>) {
        self.engine.apply(input, events);
    }

    /// When something happens by itself next, if anything does.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.engine.next_deadline()
    }

    /// Reads ahead what these commands will need; see [`Engine::warm`].
    pub fn warm<'a>(&self, commands: impl IntoIterator<Item = &'a model::Command>) {
        self.engine.warm(commands);
    }

    /// The last command applied.
    pub fn sequence(&self) -> Sequence {
        self.engine.sequence()
    }

    /// Hash of the whole state; equal states have equal hashes.
    pub fn state_hash(&self) -> u64 {
        self.engine.state_hash()
    }

    /// Rolling hash of all events.
    pub fn events_hash(&self) -> u64 {
        self.engine.events_hash()
    }

    /// Everything that views need.
    pub fn image(&self) -> Image {
        self.engine.image()
    }

    /// Last position of every source that has sent something.
    pub fn source_positions(&self) -> BTreeMap<SourceId, SourceSeq> {
        self.engine.source_positions()
    }

    /// Number of open orders.
    pub fn open_orders(&self) -> usize {
        self.engine.open_orders()
    }

    /// The state as a snapshot's content.
    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        self.engine.snapshot(out);
    }
}
