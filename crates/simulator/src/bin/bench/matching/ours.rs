//! The engine as the exchange runs it: accounts, ledger, holds, fees, filters, event hash.

use engine::Engine;
use flows::FIRST_ACCOUNT;
use model::{
    AccountId, ClientOrderId, Command, Envelope, Event, MarketId, OrderId, Place, Price, Quantity, Sequence, Side,
    Stamped, Target, TimeInForce, Timestamp,
};

use super::contest::Contender;
use super::message::{Kind, Message};
use super::owners::Owners;

/// Levels a side on which other orders rest, far from where the workload trades (32,000 to 35,000 ticks).
const OTHER_LEVELS: u64 = 10_000;
/// First level of the other sells; the other buys start at tick 1.
const OTHER_SELLS: i64 = 60_000;

/// The engine, and what is needed to name its orders.
pub(super) struct Ours {
    engine: Engine,
    owners: Owners,
    looks_ahead: bool,
    sequence: u64,
    /// The engine's id of each of the flow's orders.
    ids: Vec<OrderId>,
    placed: u64,
    events: Vec<Event>,
}

impl Ours {
    /// An engine with funded accounts.
    pub(super) fn new(owners: Owners) -> Self {
        let (engine, events) = (Engine::new(), Vec::with_capacity(1 << 12));
        let mut ours = Self { engine, owners, looks_ahead: false, sequence: 0, ids: Vec::new(), placed: 0, events };
        owners.setup(|envelope| ours.prepare(envelope));
        ours
    }

    /// Every account has ordered before in each market that it trades in.
    pub(super) fn seated(mut self) -> Self {
        let owners = self.owners;
        owners.places(|account, market| {
            let place = place((account, market), Side::Buy, Price(1), Quantity(1), TimeInForce::Ioc);
            self.prepare(Envelope::client(place));
            self.placed += 1;
        });
        self
    }

    /// So many other orders rest all the time, where the flow does not trade.
    pub(super) fn beside(mut self, resting: u64) -> Self {
        for number in 0..resting {
            let level = i64::try_from(number / 2 % OTHER_LEVELS).unwrap_or(0);
            let (side, price) = match number % 2 {
                0 => (Side::Buy, Price(1 + level)),
                _ => (Side::Sell, Price(OTHER_SELLS + level)),
            };
            let command = place(self.owners.of(number), side, price, Quantity(1), TimeInForce::Gtc);
            self.prepare(Envelope::client(command));
            self.placed += 1;
        }
        self
    }

    /// Batches are read ahead before they are applied.
    pub(super) fn looking_ahead(self) -> Self {
        Self { looks_ahead: true, ..self }
    }

    fn prepare(&mut self, envelope: Envelope) {
        let input = self.stamped(envelope);
        self.events.clear();
        self.engine.apply(&input, &mut self.events);
        assert!(!matches!(self.events[..], [Event::Rejected { .. }]), "the setup was refused: {:?}", self.events);
    }

    fn stamped(&mut self, envelope: Envelope) -> Stamped {
        self.sequence += 1;
        Stamped { sequence: Sequence(self.sequence), time: Timestamp(0), envelope }
    }

    /// Applies a command; the events are those of this command alone.
    pub(super) fn events(&mut self, input: &Stamped) -> &[Event] {
        self.events.clear();
        self.engine.apply(input, &mut self.events);
        &self.events
    }
}

impl Contender for Ours {
    type Message = Message;
    type Input = Stamped;

    fn input(&mut self, message: &Message) -> Stamped {
        let place_in_list = usize::try_from(message.order).unwrap_or(usize::MAX);
        let (account, market) = self.owners.of(message.order);
        let (price, quantity) = (Price(message.price), Quantity(message.quantity));
        if let Kind::New { ioc } = message.kind {
            self.placed += 1;
            if self.ids.len() <= place_in_list {
                self.ids.resize(place_in_list + 1, OrderId(u64::MAX));
            }
            self.ids[place_in_list] = OrderId(self.placed);
            let time_in_force = if ioc { TimeInForce::Ioc } else { TimeInForce::Gtc };
            let command = place((account, market), message.side, price, quantity, time_in_force);
            return self.stamped(Envelope::client(command));
        }
        let order = self.ids.get(place_in_list).copied().unwrap_or(OrderId(u64::MAX));
        let command = match message.kind {
            Kind::Modify => Command::Modify { account, market, order, price, quantity },
            _ => Command::Cancel { account, market, target: Target::Order(order), client_id: ClientOrderId::EMPTY },
        };
        self.stamped(Envelope::client(command))
    }

    fn look_ahead(&mut self, batch: &[Stamped]) {
        if self.looks_ahead {
            self.engine.warm(batch.iter().map(|input| &input.envelope.command));
        }
    }

    fn apply(&mut self, input: &Stamped) -> u64 {
        trades(self.events(input))
    }
}

/// The engine under commands that are known beforehand, the opening among them.
pub(super) struct Replay {
    engine: Engine,
    events: Vec<Event>,
}

impl Replay {
    pub(super) fn new() -> Self {
        Self { engine: Engine::new(), events: Vec::with_capacity(1 << 12) }
    }
}

impl Contender for Replay {
    type Message = Stamped;
    type Input = Stamped;

    fn input(&mut self, message: &Stamped) -> Stamped {
        message.clone()
    }

    fn apply(&mut self, input: &Stamped) -> u64 {
        self.events.clear();
        self.engine.apply(input, &mut self.events);
        trades(&self.events)
    }
}

fn trades(events: &[Event]) -> u64 {
    events.iter().map(|event| u64::from(matches!(event, Event::Trade(_)))).sum()
}

fn place(
    (account, market): (AccountId, MarketId),
    side: Side,
    price: Price,
    quantity: Quantity,
    time_in_force: TimeInForce,
) -> Command {
    Command::Place(Place { account, market, side, time_in_force, price, quantity, ..Place::BLANK })
}

/// The first account of all flows.
pub(super) const fn account(number: u32) -> AccountId {
    AccountId(FIRST_ACCOUNT.0 + number)
}
