//! A stream of commands through two engines with different books, with restarts in between: events, hashes and states are
//! equal, and the auditor finds nothing wrong with any answer.

mod bytes;
mod choice;
mod scene;

use engine::{Book, Engine, Levels, Naive};
use model::{Command, Envelope, Event, Sequence, SourceId, SourceSeq, Stamped, Timestamp, codec};
use simulator::Auditor;

use bytes::Bytes;
use choice::Known;

/// Most commands of one input.
const COMMANDS: usize = 400;
/// States are compared after every so many commands.
const COMPARED: u64 = 16;

/// The settings of the second market, then commands.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut world = World::new();
    for command in scene::opening(&mut bytes) {
        world.send(command, &mut Bytes(&[]));
    }
    for _ in 0..COMMANDS {
        if bytes.0.is_empty() {
            break;
        }
        if bytes.chance(6) {
            world.restart();
        }
        let command = world.known.command(&mut bytes);
        world.send(command, &mut bytes);
    }
    world.compare();
    world.replay();
}

struct World {
    fast: Engine<Levels>,
    naive: Engine<Naive>,
    auditor: Auditor,
    known: Known,
    /// Last positions of the two sources.
    positions: [u64; 2],
    /// Everything that was applied, encoded, with its answer.
    journal: Vec<(Vec<u8>, Vec<Event>)>,
}

impl World {
    fn new() -> Self {
        let known = Known { time: 1_700_000_000_000_000, ..Known::default() };
        Self {
            fast: Engine::new(),
            naive: Engine::new(),
            auditor: Auditor::new(),
            known,
            positions: [0; 2],
            journal: Vec::new(),
        }
    }

    /// Stamps a command, with some passing of time, and applies it to both.
    fn send(&mut self, command: Command, bytes: &mut Bytes<'_>) {
        self.known.time = match bytes.byte() {
            byte @ ..200 => self.known.time + u64::from(byte % 8) * 1_000,
            byte @ ..248 => self.known.time + u64::from(byte - 200) * 100_000,
            // A clock may have stepped back.
            byte @ ..254 => self.known.time - u64::from(byte - 248),
            254 => self.known.time + 3_600_000_000,
            255 => self.known.time + Command::MAX_COUNTDOWN_US,
        };
        let envelope = self.addressed(command, bytes);
        let sequence = Sequence(self.journal.len() as u64 + 1);
        let mut record = Vec::new();
        codec::encode(&mut record, Timestamp(self.known.time), &envelope);
        let input = codec::decode(sequence, &record).expect("what is encoded can be decoded");
        assert_eq!(input, Stamped { sequence, time: Timestamp(self.known.time), envelope });
        let (mut events, mut other) = (Vec::new(), Vec::new());
        self.fast.apply(&input, &mut events);
        self.naive.apply(&input, &mut other);
        assert_eq!(events, other, "the books differ after {input:?}");
        if let Err(discrepancy) = self.auditor.check(&input, &events) {
            panic!("{discrepancy}\nin the answer to {input:?}:\n{events:?}");
        }
        self.observe(&events);
        self.journal.push((record, events));
        if sequence.0.is_multiple_of(COMPARED) {
            self.compare();
        }
    }

    /// Gives what moves money its source, seldom a wrong position; other commands go without.
    fn addressed(&mut self, command: Command, bytes: &mut Bytes<'_>) -> Envelope {
        if !command.moves_money() && !bytes.chance(8) {
            return Envelope::client(command);
        }
        let which = usize::from(bytes.below(2));
        let source = [SourceId::BOOTSTRAP, SourceId::OPERATOR][which];
        let position = &mut self.positions[which];
        let source_seq = match bytes.byte() {
            byte @ 250.. => SourceSeq((*position + u64::from(byte)).saturating_sub(252)),
            _ => {
                *position += 1;
                SourceSeq(*position)
            }
        };
        // A position that fits by chance counts.
        *position = (*position).max(source_seq.0.min(*position + 1));
        Envelope { source, source_seq, command }
    }

    fn observe(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Accepted(accepted) => self.known.last_order = accepted.order.0,
                Event::ListPlaced { list, .. } => self.known.last_list = list.0,
                Event::Held { hold, .. } => self.known.last_hold = hold.0,
                _ => {}
            }
        }
    }

    fn compare(&self) {
        assert_eq!(self.fast.events_hash(), self.naive.events_hash());
        assert_eq!(self.fast.state_hash(), self.naive.state_hash());
        assert!(self.fast.image() == self.naive.image(), "the images differ");
        if let Err(discrepancy) = self.auditor.compare(&self.fast.image()) {
            panic!("{discrepancy}");
        }
        assert_eq!(self.fast.next_deadline(), self.naive.next_deadline());
    }

    /// Each goes on from the other's snapshot.
    fn restart(&mut self) {
        let (fast, naive) = (snapshot(&self.fast), snapshot(&self.naive));
        assert!(fast == naive, "the snapshots differ");
        (self.fast, self.naive) = (restore(&naive), restore(&fast));
        self.compare();
    }

    /// Applied again from the start, the commands give the same.
    fn replay(&self) {
        let mut engine: Engine<Levels> = Engine::new();
        let mut events = Vec::new();
        for ((record, answer), sequence) in self.journal.iter().zip(1..) {
            events.clear();
            let input = codec::decode(Sequence(sequence), record).expect("it was decoded before");
            engine.apply(&input, &mut events);
            assert_eq!(&events, answer, "a replay gives another answer to {input:?}");
        }
        assert_eq!(engine.events_hash(), self.fast.events_hash());
        assert!(snapshot(&engine) == snapshot(&self.fast), "a replay gives another state");
    }
}

fn snapshot<B: Book>(engine: &Engine<B>) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

fn restore<B: Book>(bytes: &[u8]) -> Engine<B> {
    let engine = Engine::restore(bytes).expect("a snapshot can be restored");
    assert!(snapshot(&engine) == bytes, "a restored engine writes another snapshot");
    engine
}
