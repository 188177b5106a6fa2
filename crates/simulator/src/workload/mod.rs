//! Commands out of a seed: most of them sensible, some of them wrong in every way that the engine knows.

mod orders;
mod scene;

use std::collections::BTreeMap;

use model::{
    AccountId, Amount, AssetId, ClientOrderId, Closed, Command, Envelope, Event, HoldId, MarketId, OrderId, Quantity,
    SourceId, SourceSeq, Target, Trade, system,
};

use crate::Random;

/// Makes commands and learns from the answers which orders and holds they can be about.
#[derive(Debug)]
pub struct Workload {
    random: Random,
    /// Commands that open the scene, last first.
    opening: Vec<Command>,
    positions: BTreeMap<SourceId, u64>,
    /// Orders that were open lately, with their owners; some are gone by now, which is meant.
    orders: Vec<Known>,
    holds: Vec<HoldId>,
    accounts: Vec<AccountId>,
}

/// An order that was open.
#[derive(Debug, Clone, Copy)]
struct Known {
    order: OrderId,
    account: AccountId,
    market: MarketId,
    client_id: ClientOrderId,
}

/// How many orders and holds are remembered.
const MEMORY: usize = 400;
/// How often in a thousand what is gone is forgotten; otherwise commands about it go on.
const FORGETS: u64 = 975;
/// Sources that move money.
const SOURCES: [SourceId; 3] = [SourceId::BOOTSTRAP, SourceId::OPERATOR, SourceId(9)];

/// Kinds of commands, each with its weight.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Place,
    Cancel,
    CancelAll,
    Modify,
    CancelReplace,
    Transfer,
    Hold,
    Capture,
    Release,
    Admin,
}

const KINDS: [(u64, Kind); 10] = [
    (520, Kind::Place),
    (120, Kind::Cancel),
    (8, Kind::CancelAll),
    (110, Kind::Modify),
    (70, Kind::CancelReplace),
    (60, Kind::Transfer),
    (40, Kind::Hold),
    (40, Kind::Capture),
    (20, Kind::Release),
    (12, Kind::Admin),
];

impl Workload {
    /// The workload of a seed.
    pub fn new(seed: u64) -> Self {
        let mut opening = scene::opening();
        opening.reverse();
        Self {
            random: Random::new(seed),
            opening,
            positions: BTreeMap::new(),
            orders: Vec::new(),
            holds: Vec::new(),
            accounts: scene::ACCOUNTS.to_vec(),
        }
    }

    /// The next command.
    pub fn command(&mut self) -> Envelope {
        if let Some(command) = self.opening.pop() {
            return self.sourced(SourceId::BOOTSTRAP, command);
        }
        let command = match self.random.weighted(&KINDS, Kind::Place) {
            Kind::Place => Command::Place(self.place()),
            Kind::Cancel => self.cancel(),
            Kind::CancelAll => {
                let all = self.random.chance(500);
                Command::CancelAll { account: self.account(), market: (!all).then(|| self.market()) }
            }
            Kind::Modify => self.modify(),
            Kind::CancelReplace => self.cancel_replace(),
            Kind::Transfer => self.transfer(),
            Kind::Hold => Command::Hold { account: self.payer(), asset: self.asset(), amount: self.amount() },
            Kind::Capture => Command::Capture { hold: self.hold(), to: self.payer(), amount: self.amount() },
            Kind::Release => Command::Release { hold: self.hold() },
            Kind::Admin => self.admin(),
        };
        self.addressed(command)
    }

    /// Learns from the answer to a command.
    pub fn observe(&mut self, events: &[Event]) {
        let mut client_id = ClientOrderId::EMPTY;
        for event in events {
            match *event {
                Event::Accepted(ref accepted) => client_id = accepted.client_id,
                Event::Rested { order, account, market, .. } => {
                    self.remember_order(Known { order, account, market, client_id });
                }
                Event::Closed(Closed { order, .. })
                | Event::Trade(Trade { maker_order: order, maker_remaining: Quantity(0), .. })
                    if self.random.chance(FORGETS) =>
                {
                    self.orders.retain(|known| known.order != order);
                }
                Event::Held { hold, .. } if self.holds.len() < MEMORY => self.holds.push(hold),
                Event::Released { hold, .. } | Event::Captured { hold, remaining: Amount(0), .. }
                    if self.random.chance(FORGETS) =>
                {
                    self.holds.retain(|known| *known != hold);
                }
                _ => {}
            }
        }
    }

    fn remember_order(&mut self, order: Known) {
        if self.orders.iter().any(|known| known.order == order.order) {
            return;
        }
        if self.orders.len() >= MEMORY {
            let at = usize::try_from(self.random.below(MEMORY as u64)).unwrap_or(0);
            self.orders.swap_remove(at);
        }
        self.orders.push(order);
    }

    /// Gives a command its source, and now and then a wrong position or none.
    fn addressed(&mut self, command: Command) -> Envelope {
        let moves_money = matches!(
            command,
            Command::Transfer { .. } | Command::Hold { .. } | Command::Capture { .. } | Command::Release { .. }
        );
        if !moves_money && self.random.chance(950) || self.random.chance(15) {
            return Envelope::client(command);
        }
        let source = self.random.pick(&SOURCES).copied().unwrap_or(SourceId::OPERATOR);
        if self.random.chance(40) {
            let last = self.positions.get(&source).copied().unwrap_or_default();
            let wrong = if self.random.chance(600) { self.random.below(last + 1) } else { last + 2 };
            return Envelope { source, source_seq: SourceSeq(wrong), command };
        }
        self.sourced(source, command)
    }

    fn sourced(&mut self, source: SourceId, command: Command) -> Envelope {
        let last = self.positions.entry(source).or_default();
        *last += 1;
        Envelope { source, source_seq: SourceSeq(*last), command }
    }

    fn transfer(&mut self) -> Command {
        let from = if self.random.chance(500) { system::CUSTODY } else { self.payer() };
        let to = if self.random.chance(40) { from } else { self.payer() };
        Command::Transfer { from, to, asset: self.asset(), amount: self.amount() }
    }

    fn admin(&mut self) -> Command {
        match self.random.below(3) {
            0 => Command::AddAsset(scene::some_asset(&mut self.random)),
            1 => Command::AddMarket(scene::some_market(&mut self.random)),
            _ => {
                let account = AccountId(u32::try_from(self.random.below(8)).unwrap_or(0) + 998);
                if account >= system::FIRST_USER && !self.accounts.contains(&account) {
                    self.accounts.push(account);
                }
                Command::OpenAccount { account }
            }
        }
    }

    fn cancel(&mut self) -> Command {
        let (account, market, target) = self.target();
        Command::Cancel { account, market, target, client_id: self.client_id() }
    }

    /// An order that is or was open, most often with its own account and market.
    fn target(&mut self) -> (AccountId, MarketId, Target) {
        let unknown = Known {
            order: OrderId(self.random.below(50)),
            account: self.account(),
            market: self.market(),
            client_id: self.client_id(),
        };
        let Known { order: id, mut account, mut market, mut client_id } =
            self.random.pick(&self.orders).copied().unwrap_or(unknown);
        if self.random.chance(50) {
            account = self.account();
        }
        if self.random.chance(50) {
            market = self.market();
        }
        if self.random.chance(50) {
            client_id = self.client_id();
        }
        let target = match self.random.below(10) {
            0..=2 if !client_id.is_empty() || self.random.chance(100) => Target::Client(client_id),
            3 => Target::Both(id, client_id),
            _ => Target::Order(id),
        };
        (account, market, target)
    }

    /// A user, seldom one that does not exist.
    fn account(&mut self) -> AccountId {
        if self.random.chance(15) {
            return AccountId(4_000);
        }
        self.random.pick(&self.accounts).copied().unwrap_or(system::FIRST_USER)
    }

    /// A user or an account of the exchange.
    fn payer(&mut self) -> AccountId {
        if self.random.chance(250) {
            return self.random.pick(&system::ALL).copied().unwrap_or(system::CUSTODY);
        }
        self.account()
    }

    fn market(&mut self) -> MarketId {
        if self.random.chance(15) {
            return MarketId(77);
        }
        self.random.pick(&scene::MARKETS).copied().unwrap_or_default()
    }

    fn asset(&mut self) -> AssetId {
        if self.random.chance(15) {
            return AssetId(77);
        }
        self.random.pick(&scene::ASSETS).copied().unwrap_or_default()
    }

    fn hold(&mut self) -> HoldId {
        let at_random = HoldId(self.random.below(20));
        self.random.pick(&self.holds).copied().unwrap_or(at_random)
    }

    fn amount(&mut self) -> Amount {
        Amount(match self.random.below(20) {
            0 => self.random.between(-1, 0),
            1 => self.random.between(i64::MAX - 1_000, i64::MAX),
            2..=8 => self.random.between(1, 1_000),
            _ => self.random.between(1, 10_000_000_000),
        })
    }
}
