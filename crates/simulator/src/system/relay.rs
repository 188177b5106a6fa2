//! Senders that keep their commands until they know that they were applied: they send them twice, too early, and again
//! after a crash.

use std::collections::BTreeSet;

use model::{AccountId, Amount, Command, Envelope, SourceId, SourceSeq, system};

use super::money::{FIRST_RELAY, GRAIN, Money, OWNERS, RELAYS, is_relay, opening};
use crate::Random;

/// Most commands that are sent before the first of them is known to be applied.
const WINDOW: u64 = 4;

/// A relay with its outbox, which outlives every crash.
#[derive(Debug)]
struct Relay {
    source: SourceId,
    outbox: Vec<Command>,
    /// Positions known to be applied.
    known: BTreeSet<u64>,
    /// All positions below are known.
    next: u64,
}

impl Relay {
    fn learn(&mut self, position: u64) {
        if position >= self.next {
            self.known.insert(position);
        }
        while self.known.remove(&self.next) {
            self.next += 1;
        }
    }

    fn is_done(&self) -> bool {
        self.next > self.outbox.len() as u64
    }

    fn envelope(&self, position: u64) -> Option<Envelope> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        let command = self.outbox.get(index)?.clone();
        Some(Envelope { source: self.source, source_seq: SourceSeq(position), command })
    }
}

/// All relays, and the desk that sends the workload's own commands with a source, in order.
#[derive(Debug)]
pub(crate) struct Relays {
    random: Random,
    relays: Vec<Relay>,
    desk: Vec<Envelope>,
    /// Commands of the desk that are known to be applied, and those that were sent since the last start.
    desk_known: usize,
    desk_sent: usize,
}

impl Relays {
    pub(crate) fn new(seed: u64) -> Self {
        let relays = (FIRST_RELAY..FIRST_RELAY + RELAYS).map(|source| Relay {
            source: SourceId(source),
            outbox: if source == FIRST_RELAY { opening() } else { Vec::new() },
            known: BTreeSet::new(),
            next: 1,
        });
        Self { random: Random::new(seed), relays: relays.collect(), desk: Vec::new(), desk_known: 0, desk_sent: 0 }
    }

    /// Puts a command into some relay's outbox.
    pub(crate) fn enqueue(&mut self, money: &Money) {
        if money.position(SourceId(FIRST_RELAY)) < opening().len() as u64 {
            return;
        }
        let command = self.command(money);
        let at = self.random.below(self.relays.len() as u64);
        if let Some(relay) = usize::try_from(at).ok().and_then(|at| self.relays.get_mut(at)) {
            relay.outbox.push(command);
        }
    }

    fn owner(&mut self) -> AccountId {
        self.random.pick(&OWNERS).copied().unwrap_or(OWNERS[0])
    }

    fn command(&mut self, money: &Money) -> Command {
        let (account, to) = (self.owner(), self.owner());
        // Now and then more than there is.
        let amount = Amount(self.random.between(1, money.available(account).max(10) * 11 / 10));
        let holds: Vec<_> = money.holds.keys().copied().collect();
        let hold = self.random.pick(&holds).copied();
        match (self.random.below(10), hold) {
            (0..3, _) => {
                Command::Transfer { from: system::CUSTODY, to, asset: GRAIN, amount: Amount(amount.0 % 500 + 1) }
            }
            (3..5, _) if account != to => Command::Transfer { from: account, to, asset: GRAIN, amount },
            (5..7, Some(hold)) => Command::Capture { hold, to, amount: Amount(amount.0 % 60 + 1) },
            (7, Some(hold)) => Command::Release { hold },
            _ => Command::Hold { account, asset: GRAIN, amount: Amount(amount.0 % 200 + 1) },
        }
    }

    /// Gives the desk a command of the workload.
    pub(crate) fn hand_in(&mut self, envelope: Envelope) {
        self.desk.push(envelope);
    }

    /// What is sent next: of a relay some positions of its window, in any order, some twice.
    pub(crate) fn send(&mut self) -> Vec<Envelope> {
        let mut sent = Vec::new();
        for relay in &self.relays {
            for position in relay.next..(relay.next + WINDOW).min(relay.outbox.len() as u64 + 1) {
                if self.random.chance(450) {
                    sent.extend(relay.envelope(position));
                }
                if self.random.chance(80) {
                    sent.extend(relay.envelope(position));
                }
            }
            // Long ago applied, and sent once more all the same.
            if self.random.chance(60) {
                sent.extend(relay.envelope(self.random.below(relay.next)));
            }
        }
        if self.random.chance(400) {
            for at in (1..sent.len()).rev() {
                let other = usize::try_from(self.random.below(at as u64 + 1)).unwrap_or(at);
                sent.swap(at, other);
            }
        }
        sent.truncate(6);
        sent
    }

    /// The next command of the desk.
    pub(crate) fn send_from_desk(&mut self) -> Option<Envelope> {
        let envelope = self.desk.get(self.desk_sent).cloned()?;
        self.desk_sent += 1;
        Some(envelope)
    }

    /// An answer that is durable. Whoever was told to come later comes again by itself.
    pub(crate) fn learn(&mut self, envelope: &Envelope, money: &Money) {
        if is_relay(envelope.source) {
            let applied = envelope.source_seq.0 <= money.position(envelope.source);
            if let Some(relay) = self.relays.iter_mut().find(|relay| relay.source == envelope.source && applied) {
                relay.learn(envelope.source_seq.0);
            }
        } else if envelope.source != SourceId::NONE {
            self.desk_known += 1;
        }
    }

    /// What was sent and not answered is unknown: the desk sends it again.
    pub(crate) const fn restart(&mut self) {
        self.desk_sent = self.desk_known;
    }

    /// Whether everything is known to be applied.
    pub(crate) fn is_done(&self) -> bool {
        self.relays.iter().all(Relay::is_done) && self.desk_known == self.desk.len()
    }
}
