//! Commands out of a seed: most of them sensible, some of them wrong in every way that the engine knows.

mod admin;
mod lists;
mod orders;
mod scene;

use std::collections::BTreeMap;

use model::{
    AccountId, Amount, AssetId, ClientOrderId, Closed, Command, Envelope, Event, HoldId, MarketId, MarketState,
    OrderId, Quantity, SourceId, SourceSeq, Target, Timestamp, system,
};

use crate::Random;
use lists::KnownList;

/// Makes commands and learns from the answers which orders and holds they can be about, and where prices are.
#[derive(Debug)]
pub struct Workload {
    random: Random,
    /// Time that the last command came at.
    now: u64,
    /// Commands that open the scene, last first.
    opening: Vec<Command>,
    positions: BTreeMap<SourceId, u64>,
    /// Orders that were open lately, with their owners; some are gone by now, which is meant.
    orders: Vec<Known>,
    lists: Vec<KnownList>,
    holds: Vec<HoldId>,
    accounts: Vec<AccountId>,
    /// Prices gather around this one, which moves.
    middles: BTreeMap<MarketId, i64>,
    states: BTreeMap<MarketId, MarketState>,
}

/// An order that was open.
#[derive(Debug, Clone, Copy)]
struct Known {
    order: OrderId,
    account: AccountId,
    market: MarketId,
    client_id: ClientOrderId,
}

/// How many orders, lists and holds are remembered.
const MEMORY: usize = 400;
/// The accounts that begin with money are the first ones.
const RICH: usize = 5;
/// How often in a thousand what is gone is forgotten; otherwise commands about it go on.
const FORGETS: u64 = 975;
/// Sources that move money.
const SOURCES: [SourceId; 3] = [SourceId::BOOTSTRAP, SourceId::OPERATOR, SourceId(9)];

/// Kinds of commands, each with its weight.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Place,
    PlaceList,
    Cancel,
    CancelAll,
    CancelList,
    CancelMarket,
    Modify,
    Amend,
    CancelReplace,
    Countdown,
    Transfer,
    Hold,
    Capture,
    Release,
    State,
    Market,
    Fees,
    Tier,
    Tick,
    Admin,
}

const KINDS: [(u64, Kind); 20] = [
    (460, Kind::Place),
    (110, Kind::PlaceList),
    (70, Kind::Cancel),
    (6, Kind::CancelAll),
    (12, Kind::CancelList),
    (2, Kind::CancelMarket),
    (70, Kind::Modify),
    (50, Kind::Amend),
    (50, Kind::CancelReplace),
    (8, Kind::Countdown),
    (45, Kind::Transfer),
    (22, Kind::Hold),
    (22, Kind::Capture),
    (14, Kind::Release),
    (20, Kind::State),
    (6, Kind::Market),
    (6, Kind::Fees),
    (5, Kind::Tier),
    (15, Kind::Tick),
    (9, Kind::Admin),
];

impl Workload {
    /// The workload of a seed.
    pub fn new(seed: u64) -> Self {
        let mut opening = scene::opening();
        opening.reverse();
        Self {
            random: Random::new(seed),
            now: 0,
            opening,
            positions: BTreeMap::new(),
            orders: Vec::new(),
            lists: Vec::new(),
            holds: Vec::new(),
            accounts: scene::ACCOUNTS.map(|(account, _)| account).to_vec(),
            middles: BTreeMap::new(),
            states: BTreeMap::new(),
        }
    }

    /// How many microseconds later than the last one the next command comes: mostly soon, now and then much later.
    pub fn pause(&mut self) -> u64 {
        match self.random.below(1_000) {
            0 => self.random.below(100_000_000_000),
            1..10 => self.random.below(60_000_000),
            10..60 => self.random.below(600_000),
            60..300 => 0,
            _ => self.random.below(5_000),
        }
    }

    /// The next command, which comes at this time.
    pub fn command(&mut self, now: Timestamp) -> Envelope {
        self.now = now.0;
        if let Some(command) = self.opening.pop() {
            return self.sourced(SourceId::BOOTSTRAP, command);
        }
        let command = match self.random.weighted(&KINDS, Kind::Place) {
            Kind::Place => Command::Place(self.place()),
            Kind::PlaceList => self.place_list(),
            Kind::Cancel => self.cancel(),
            Kind::CancelAll => {
                let all = self.random.chance(500);
                Command::CancelAll { account: self.account(), market: (!all).then(|| self.market()) }
            }
            Kind::CancelList => self.cancel_list(),
            Kind::CancelMarket => Command::CancelMarket { market: self.market() },
            Kind::Modify => self.modify(),
            Kind::Amend => self.amend(),
            Kind::CancelReplace => self.cancel_replace(),
            Kind::Countdown => self.set_countdown(),
            Kind::Transfer => self.transfer(),
            Kind::Hold => Command::Hold { account: self.payer(), asset: self.asset(), amount: self.amount() },
            Kind::Capture => Command::Capture { hold: self.hold(), to: self.payer(), amount: self.amount() },
            Kind::Release => Command::Release { hold: self.hold() },
            Kind::State => self.set_state(),
            Kind::Market => self.set_market(),
            Kind::Fees => self.set_fees(),
            Kind::Tier => self.set_tier(),
            Kind::Tick => Command::Tick,
            Kind::Admin => self.admin(),
        };
        self.addressed(command)
    }

    /// Learns from the answer to a command.
    pub fn observe(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::Accepted(ref accepted) => {
                    let (order, account) = (accepted.order, accepted.account);
                    self.remember_order(Known {
                        order,
                        account,
                        market: accepted.market,
                        client_id: accepted.client_id,
                    });
                }
                Event::Closed(Closed { order, .. }) => self.forget_order(order),
                Event::Trade(ref trade) => {
                    for (order, left) in
                        [(trade.maker_order, trade.maker_remaining), (trade.taker_order, trade.taker_remaining)]
                    {
                        if left == Quantity(0) {
                            self.forget_order(order);
                        }
                    }
                }
                Event::ListPlaced { list, account, market, client_id, .. } if self.lists.len() < MEMORY => {
                    self.lists.push((list, account, market, client_id));
                }
                Event::ListDone { list, .. } if self.random.chance(FORGETS) => {
                    self.lists.retain(|known| known.0 != list);
                }
                Event::Held { hold, .. } if self.holds.len() < MEMORY => self.holds.push(hold),
                Event::Released { hold, .. } | Event::Captured { hold, remaining: Amount(0), .. }
                    if self.random.chance(FORGETS) =>
                {
                    self.holds.retain(|known| *known != hold);
                }
                Event::MarketStateSet { market, state, .. } => {
                    self.states.insert(market, state);
                }
                _ => {}
            }
        }
    }

    /// The price around which orders gather: it walks, slowly, and seldom jumps.
    fn middle(&mut self, market: MarketId) -> i64 {
        let step = match self.random.below(200) {
            0 => self.random.between(-20, 20),
            1..20 => self.random.between(-1, 1),
            _ => 0,
        };
        let middle = self.middles.entry(market).or_insert(scene::MIDDLE);
        // Far from the bounds, and so that base and quote stay worth about the same.
        *middle = (*middle + step * 5).clamp(scene::MIDDLE / 2, scene::MIDDLE * 2);
        *middle
    }

    fn forget_order(&mut self, order: OrderId) {
        if self.random.chance(FORGETS) {
            self.orders.retain(|known| known.order != order);
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

    /// A time in the future.
    fn later(&mut self) -> Timestamp {
        let ahead = match self.random.below(10) {
            0 => self.random.below(60_000_000),
            1..4 => self.random.below(2_000_000),
            _ => self.random.below(100_000),
        };
        Timestamp(self.now + ahead + 1)
    }

    fn soon(&mut self) -> Timestamp {
        Timestamp(self.now + self.random.below(900_000) + 1)
    }

    /// A user, seldom one that does not exist.
    fn account(&mut self) -> AccountId {
        if self.random.chance(15) {
            return AccountId(4_000);
        }
        // Those that came later have no money, mostly.
        let some = if self.random.chance(850) { &self.accounts[..RICH] } else { &self.accounts[..] };
        self.random.pick(some).copied().unwrap_or(system::FIRST_USER)
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
        self.random.weighted(&scene::SHARES, scene::COARSE)
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
