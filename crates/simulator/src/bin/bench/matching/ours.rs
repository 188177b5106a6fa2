//! The engine as the exchange runs it: accounts, ledger, holds, fees, filters, event hash.

use engine::Engine;
use flows::flash1::{Kind, Message, Stream};
use flows::{FIRST_ACCOUNT, MARKET};
use model::{
    AccountId, ClientOrderId, Command, Envelope, Event, OrderId, Place, Price, Quantity, Sequence, Side, Stamped,
    Target, TimeInForce, Timestamp,
};

use super::contest::Contender;

/// Levels a side on which other orders rest, far from where the workload trades (32,000 to 35,000 ticks).
const OTHER_LEVELS: u32 = 10_000;
/// First level of the other sells; the other buys start at tick 1.
const OTHER_SELLS: i64 = 60_000;

/// The engine, and what is needed to name its orders.
pub(super) struct Ours {
    engine: Engine,
    accounts: u32,
    sequence: u64,
    /// The engine's id of each of the workload's orders.
    ids: Vec<OrderId>,
    placed: u64,
    events: Vec<Event>,
}

impl Ours {
    /// An engine with this many funded accounts, each of which has ordered before.
    pub(super) fn seated(accounts: u32) -> Self {
        let mut ours = Self::new(accounts, 0);
        for number in 0..accounts {
            let account = AccountId(FIRST_ACCOUNT.0 + number);
            ours.prepare(Envelope::client(place(account, Side::Buy, Price(1), Quantity(1), TimeInForce::Ioc)));
            ours.placed += 1;
        }
        ours
    }

    /// An engine with this many funded accounts, and with so many orders that rest all the time.
    pub(super) fn new(accounts: u32, resting: u32) -> Self {
        let (engine, events) = (Engine::new(), Vec::with_capacity(1 << 12));
        let mut ours = Self { engine, accounts, sequence: 0, ids: Vec::new(), placed: 0, events };
        for envelope in Stream::setup(accounts) {
            ours.prepare(envelope);
        }
        for number in 0..resting {
            let level = i64::from(number / 2 % OTHER_LEVELS);
            let (side, price) = match number % 2 {
                0 => (Side::Buy, Price(1 + level)),
                _ => (Side::Sell, Price(OTHER_SELLS + level)),
            };
            let account = AccountId(FIRST_ACCOUNT.0 + number % accounts);
            ours.prepare(Envelope::client(place(account, side, price, Quantity(1), TimeInForce::Gtc)));
            ours.placed += 1;
        }
        ours
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
    type Input = Stamped;

    fn input(&mut self, message: &Message) -> Stamped {
        let place_in_list = usize::try_from(message.order_id).unwrap_or(usize::MAX);
        let owner = u32::try_from(message.order_id % u64::from(self.accounts)).unwrap_or(0);
        let account = AccountId(FIRST_ACCOUNT.0 + owner);
        let (price, quantity) = (Price(message.price), Quantity(i64::from(message.quantity)));
        if let Kind::New { ioc } = message.kind {
            self.placed += 1;
            if self.ids.len() <= place_in_list {
                self.ids.resize(place_in_list + 1, OrderId(u64::MAX));
            }
            self.ids[place_in_list] = OrderId(self.placed);
            let time_in_force = if ioc { TimeInForce::Ioc } else { TimeInForce::Gtc };
            return self.stamped(Envelope::client(place(account, message.side, price, quantity, time_in_force)));
        }
        let order = self.ids.get(place_in_list).copied().unwrap_or(OrderId(u64::MAX));
        let command = match message.kind {
            Kind::Modify => Command::Modify { account, market: MARKET, order, price, quantity },
            _ => Command::Cancel {
                account,
                market: MARKET,
                target: Target::Order(order),
                client_id: ClientOrderId::EMPTY,
            },
        };
        self.stamped(Envelope::client(command))
    }

    fn apply(&mut self, input: &Stamped) -> u64 {
        let events = self.events(input);
        events.iter().map(|event| u64::from(matches!(event, Event::Trade(_)))).sum()
    }
}

fn place(account: AccountId, side: Side, price: Price, quantity: Quantity, time_in_force: TimeInForce) -> Command {
    Command::Place(Place { account, market: MARKET, side, time_in_force, price, quantity, ..Place::BLANK })
}
