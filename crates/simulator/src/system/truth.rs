//! What is durable: every acknowledged command with its events, followed by a naive engine, the auditor and a plain model of
//! the relays' money.

use engine::{Engine, Naive};
use model::{Envelope, Event, Image, Sequence, Stamped, Step};

use super::money::{self, Money};
use crate::Auditor;

/// The log of what counts.
#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) log: Vec<Stamped>,
    pub(crate) events: Vec<Vec<Event>>,
    pub(crate) engine: Engine<Naive>,
    auditor: Auditor,
    pub(crate) money: Money,
}

pub(crate) fn fail_unless(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl Truth {
    pub(crate) fn new() -> Self {
        Self {
            log: Vec::new(),
            events: Vec::new(),
            engine: Engine::new(),
            auditor: Auditor::new(),
            money: Money::default(),
        }
    }

    /// The last durable command.
    pub(crate) fn last(&self) -> u64 {
        self.log.len() as u64
    }

    /// A step that was told as durable, and what was sent for it.
    pub(crate) fn acknowledge(&mut self, step: &Step, envelope: Envelope, events: &[Event]) -> Result<(), String> {
        let named = (step.source, step.source_seq);
        fail_unless(named == (envelope.source, envelope.source_seq), || {
            format!("the receipt of {envelope:?} names {named:?}")
        })?;
        self.follow(Stamped { sequence: step.sequence, time: step.time, envelope }, Some(events))
    }

    /// The next durable command; its events, if somebody was told them.
    pub(crate) fn follow(&mut self, input: Stamped, told: Option<&[Event]>) -> Result<(), String> {
        let next = self.last() + 1;
        fail_unless(input.sequence == Sequence(next), || format!("command {} came where {next} must", input.sequence))?;
        let mut events = Vec::new();
        self.engine.apply(&input, &mut events);
        let told = told.unwrap_or(&events);
        // The plain model first: it needs nobody's word.
        if money::is_relay(input.envelope.source) {
            self.money.check(&input.envelope, told)?;
        } else {
            self.money.witness(&input.envelope.command, told)?;
        }
        self.auditor.check(&input, told).map_err(|discrepancy| format!("command {next}: {discrepancy}"))?;
        fail_unless(told == events, || {
            format!("command {next}, {:?}: told {told:?}, the naive engine says {events:?}", input.envelope.command)
        })?;
        self.log.push(input);
        self.events.push(events);
        Ok(())
    }

    /// A step that a reader was given.
    pub(crate) fn check_step(&self, who: &str, step: &Step, events: &[Event]) -> Result<(), String> {
        let at = usize::try_from(step.sequence.0.wrapping_sub(1)).unwrap_or(usize::MAX);
        let (Some(input), Some(expected)) = (self.log.get(at), self.events.get(at)) else {
            return Err(format!("{who} was given command {}, which is not durable", step.sequence));
        };
        let same = step.time == input.time
            && step.source == input.envelope.source
            && step.source_seq == input.envelope.source_seq
            && events == expected;
        fail_unless(same, || format!("{who} was given other events of command {}: {events:?}", step.sequence))
    }

    /// Compares a whole state at the last durable command.
    pub(crate) fn compare(&self, image: &Image) -> Result<(), String> {
        self.money.compare(image)?;
        self.auditor.compare(image).map_err(|discrepancy| discrepancy.to_string())?;
        fail_unless(*image == self.engine.image(), || "the image is not that of an independent replay".to_owned())
    }
}
