//! Events with the commands that they answer.

use crate::{Event, Sequence, SourceId, SourceSeq, Timestamp};

/// One applied command: where it stands in the journal, and which events of its batch are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Position in the journal.
    pub sequence: Sequence,
    /// When the sequencer took it.
    pub time: Timestamp,
    /// Who sent it.
    pub source: SourceId,
    /// Position in the source's order.
    pub source_seq: SourceSeq,
    /// Index of its first event in [`Batch::events`].
    pub first_event: u32,
    /// How many events it has; at least one.
    pub event_count: u32,
}

/// Steps that became durable together, in journal order, with their events in one flat list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The steps, dense in sequence.
    pub steps: Vec<Step>,
    /// The events of all steps, in order.
    pub events: Vec<Event>,
}

impl Batch {
    /// The events of one step; empty when the index is past the end.
    pub fn events_of(&self, index: usize) -> &[Event] {
        let Some(step) = self.steps.get(index) else { return &[] };
        let first = step.first_event as usize;
        self.events.get(first..first + step.event_count as usize).unwrap_or_default()
    }

    /// Each step with its events.
    pub fn iter(&self) -> impl Iterator<Item = (&Step, &[Event])> {
        self.steps.iter().enumerate().map(|(index, step)| (step, self.events_of(index)))
    }

    /// Sequence of the last step; `None` when the batch is empty.
    pub fn last_sequence(&self) -> Option<Sequence> {
        self.steps.last().map(|step| step.sequence)
    }
}

/// The durable answer to one command: its step and events inside the batch that they became durable with.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The whole batch, shared with every other reader of it.
    pub batch: std::sync::Arc<Batch>,
    /// Which step of the batch is the answer.
    pub index: usize,
}

impl Receipt {
    /// The step; `None` only when the index is past the end, which the sequencer never makes.
    pub fn step(&self) -> Option<&Step> {
        self.batch.steps.get(self.index)
    }

    /// The events of the step.
    pub fn events(&self) -> &[Event] {
        self.batch.events_of(self.index)
    }
}
