//! Flows that were recorded: flash1, and a day of a real exchange.

use std::collections::HashMap;
use std::path::Path;

use flows::bitstamp::{Day, Replayer};
use flows::flash1::{self, Stream};
use model::{Command, Event, OrderId, Place, Side, Target, TimeInForce};

use super::message::{Flow, Kind, Message};
use super::ours::Ours;
use super::owners::Owners;

/// The messages of flash1, whose orders get numbers without a gap.
pub(super) fn flash1(stream: &Stream) -> Flow {
    let mut numbers: HashMap<u64, u64> = HashMap::new();
    let mut convert = |message: &flash1::Message| {
        let kind = match message.kind {
            flash1::Kind::New { ioc } => Kind::New { ioc },
            flash1::Kind::Cancel => Kind::Cancel,
            flash1::Kind::Modify => Kind::Modify,
        };
        if matches!(kind, Kind::New { .. }) {
            numbers.insert(message.order_id, numbers.len() as u64);
        }
        let order = numbers.get(&message.order_id).copied().unwrap_or(u64::from(u32::MAX));
        Message { kind, side: message.side, order, price: message.price, quantity: i64::from(message.quantity) }
    };
    Flow { opening: Vec::new(), messages: stream.messages.iter().map(&mut convert).collect() }
}

/// The day as messages: what the feed shows, with an immediate order for each execution that the recorded orders alone
/// do not bring about.
pub(super) fn day(folder: &Path, owners: Owners) -> anyhow::Result<Flow> {
    let recorded = Day::read(folder)?;
    let mut replayer = Replayer::new(1);
    let mut tape = Tape::new(owners);
    for event in &recorded.events {
        let mut round = 0;
        while let Some(command) = replayer.next(event, round) {
            replayer.observe(tape.record(&command));
            round += 1;
        }
    }
    Ok(Flow { opening: Vec::new(), messages: tape.messages })
}

/// Commands as they become messages, answered by the engine.
struct Tape {
    ours: Ours,
    numbers: HashMap<OrderId, u64>,
    placed: u64,
    messages: Vec<Message>,
}

impl Tape {
    fn new(owners: Owners) -> Self {
        Self { ours: Ours::new(owners), numbers: HashMap::new(), placed: 0, messages: Vec::new() }
    }

    fn record(&mut self, command: &Command) -> &[Event] {
        let message = match *command {
            Command::Place(Place { side, price, quantity, time_in_force, .. }) => {
                let kind = Kind::New { ioc: time_in_force == TimeInForce::Ioc };
                let order = self.placed;
                self.placed += 1;
                Message { kind, side, order, price: price.0, quantity: quantity.0 }
            }
            Command::Cancel { target: Target::Order(id), .. } => {
                let order = self.numbers.get(&id).copied().unwrap_or(u64::from(u32::MAX));
                Message { kind: Kind::Cancel, side: Side::Buy, order, price: 0, quantity: 0 }
            }
            ref other => unreachable!("the replayer places and cancels, but made {other:?}"),
        };
        self.messages.push(message);
        let input = super::contest::Contender::input(&mut self.ours, &message);
        let events = self.ours.events(&input);
        for event in events {
            match event {
                Event::Accepted(accepted) => {
                    self.numbers.insert(accepted.order, message.order);
                }
                Event::Rejected { reason, .. } => {
                    assert!(!matches!(message.kind, Kind::New { .. }), "an order of the day was refused: {reason:?}");
                }
                _ => {}
            }
        }
        events
    }
}
