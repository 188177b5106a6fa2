//! Sensible commands of every kind around one price: for measuring, not for finding faults.

use std::collections::BTreeMap;

use model::{
    AccountId, Amend, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Event, Fees, Filters,
    ListKind, Market, MarketId, OrderId, OrderType, Place, PlaceList, Price, Quantity, ReplaceMode, SelfTrade, Side,
    SourceId, SourceSeq, Symbol, Target, TierId, TimeInForce, Timestamp, Trigger, Volatility, system,
};

use crate::Random;

const BASE: AssetId = AssetId(1);
const QUOTE: AssetId = AssetId(2);
const MARKET: MarketId = MarketId(1);
/// Accounts; each third one is a sub-account of the one before.
const ACCOUNTS: u32 = 60;
/// Open orders that are kept at first, about.
const OPEN: usize = 4_000;
const MIDDLE: i64 = 34_000;

/// What a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Limit,
    LimitMaker,
    Immediate,
    FillOrKill,
    MarketByQuantity,
    MarketByQuote,
    Iceberg,
    GoodTillDate,
    Stop,
    Trailing,
    Oco,
    Oto,
    Otoco,
    Cancel,
    Modify,
    Amend,
    CancelReplace,
    Countdown,
}

const KINDS: [(u64, Kind); 18] = [
    (200, Kind::Limit),
    (40, Kind::LimitMaker),
    (70, Kind::Immediate),
    (10, Kind::FillOrKill),
    (25, Kind::MarketByQuantity),
    (15, Kind::MarketByQuote),
    (40, Kind::Iceberg),
    (40, Kind::GoodTillDate),
    (60, Kind::Stop),
    (20, Kind::Trailing),
    (20, Kind::Oco),
    (10, Kind::Oto),
    (10, Kind::Otoco),
    (230, Kind::Cancel),
    (100, Kind::Modify),
    (60, Kind::Amend),
    (45, Kind::CancelReplace),
    (5, Kind::Countdown),
];

/// Makes the commands and learns from the answers what is open.
#[derive(Debug)]
pub struct Traffic {
    random: Random,
    now: u64,
    last_price: i64,
    open: Vec<Open>,
    /// Place in `open` of each open order.
    places: BTreeMap<OrderId, usize>,
    named: u64,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    order: OrderId,
    account: AccountId,
    side: Side,
    executed: i64,
    quantity: i64,
    rests: bool,
    listed: bool,
}

impl Traffic {
    /// The traffic of a seed.
    pub fn new(seed: u64) -> Self {
        let (open, places) = (Vec::new(), BTreeMap::new());
        Self { random: Random::new(seed), now: 0, last_price: MIDDLE, open, places, named: 0, least: 0, most: OPEN }
    }

    /// Commands that come first: the market, its fees, and the accounts with their money.
    pub fn opening() -> Vec<Envelope> {
        let symbol = |text: &str| Symbol::new(text).expect("these are symbols");
        let market = Market {
            id: MARKET,
            symbol: symbol("LOTTICK"),
            base: BASE,
            quote: QUOTE,
            price_decimals: 0,
            quantity_decimals: 0,
            filters: Filters::WIDE,
            fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_000 }),
            volatility: Volatility::OFF,
        };
        let rebate = Some(Fees { maker_ppm: -100, taker_ppm: 1_500 });
        let mut commands = vec![
            Command::AddAsset(Asset { id: BASE, symbol: symbol("LOT"), scale: 4 }),
            Command::AddAsset(Asset { id: QUOTE, symbol: symbol("TICK"), scale: 4 }),
            Command::AddMarket(Box::new(market)),
            Command::SetFees { tier: Some(TierId(1)), market: None, fees: rebate },
        ];
        let amount = Amount(i64::MAX / 4 / i64::from(ACCOUNTS));
        for number in 0..ACCOUNTS {
            let account = AccountId(system::FIRST_USER.0 + number);
            let parent = if number % 3 == 2 { AccountId(account.0 - 1) } else { AccountId(0) };
            commands.push(Command::OpenAccount { account, parent });
            commands.push(Command::SetTier { account, tier: TierId(u16::from(number % 10 == 0)) });
            for asset in [BASE, QUOTE] {
                commands.push(Command::Transfer { from: system::CUSTODY, to: account, asset, amount });
            }
        }
        let envelope =
            |(position, command)| Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(position), command };
        (1..).zip(commands).map(envelope).collect()
    }

    /// Keeps about so many orders open from now on: below the least none is cancelled, above the most nothing else is done.
    pub fn keep(&mut self, least: usize, most: usize) {
        (self.least, self.most) = (least, most);
    }

    /// How much later than the last one the next command comes.
    pub fn time(&mut self) -> Timestamp {
        self.now += self.random.below(20);
        Timestamp(self.now)
    }

    /// The next command.
    pub fn command(&mut self) -> Envelope {
        let kind = if self.open.len() > self.most { Kind::Cancel } else { self.random.weighted(&KINDS, Kind::Limit) };
        let kind = if kind == Kind::Cancel && self.open.len() < self.least { Kind::Limit } else { kind };
        Envelope::client(match kind {
            Kind::Cancel => self.of_open(|_, open| {
                let (account, target) = (open.account, Target::Order(open.order));
                Some(Command::Cancel { account, market: MARKET, target, client_id: ClientOrderId::EMPTY })
            }),
            Kind::Modify => self.of_open(|traffic, open| {
                let price = Price(traffic.near(open.side));
                let quantity = Quantity(traffic.random.between(1, 100));
                let (account, order) = (open.account, open.order);
                let command = Command::Modify { account, market: MARKET, order, price, quantity };
                (open.rests && !open.listed).then_some(command)
            }),
            Kind::Amend => self.of_open(|traffic, open| {
                let quantity = Quantity(traffic.random.between(open.executed + 1, open.quantity - 1));
                let (account, target) = (open.account, Target::Order(open.order));
                let amend = Amend { account, market: MARKET, target, quantity, client_id: ClientOrderId::EMPTY };
                (open.executed + 1 < open.quantity).then_some(Command::Amend(amend))
            }),
            Kind::CancelReplace => self.of_open(|traffic, open| {
                let place = Place { account: open.account, ..traffic.place(Kind::Limit) };
                let (target, cancel_id) = (Target::Order(open.order), ClientOrderId::EMPTY);
                let replace = CancelReplace { mode: ReplaceMode::StopOnFailure, target, cancel_id, place };
                Some(Command::CancelReplace(replace))
            }),
            Kind::Countdown => {
                let timeout_us = self.random.below(2) * 50_000;
                Command::SetCountdown { account: self.account(), market: Some(MARKET), timeout_us }
            }
            Kind::Oco | Kind::Oto | Kind::Otoco => self.place_list(kind),
            kind => Command::Place(self.place(kind)),
        })
    }

    /// Learns from the answer to a command.
    pub fn observe(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::Accepted(ref accepted) => {
                    self.places.insert(accepted.order, self.open.len());
                    self.open.push(Open {
                        order: accepted.order,
                        account: accepted.account,
                        side: accepted.side,
                        executed: 0,
                        quantity: accepted.quantity.0,
                        rests: false,
                        listed: accepted.list.0 != 0,
                    });
                }
                Event::Rested { order, .. } => self.update(order, |open| open.rests = true),
                Event::Armed { order, .. } => self.update(order, |open| open.rests = false),
                Event::Amended(ref amended) => self.update(amended.order, |open| open.quantity = amended.quantity.0),
                Event::Modified { order, quantity, .. } => {
                    self.update(order, |open| open.quantity = open.executed + quantity.0);
                }
                Event::Trade(ref trade) => {
                    self.last_price = trade.price.0;
                    for (order, left) in
                        [(trade.maker_order, trade.maker_remaining), (trade.taker_order, trade.taker_remaining)]
                    {
                        self.update(order, |open| open.executed += trade.quantity.0);
                        if left == Quantity(0) {
                            self.forget(order);
                        }
                    }
                }
                Event::Prevented(ref prevented) => {
                    let maker = prevented.maker_quantity.0;
                    self.update(prevented.maker_order, |open| open.executed += maker);
                }
                Event::Closed(ref closed) => self.forget(closed.order),
                _ => {}
            }
        }
    }

    fn update(&mut self, order: OrderId, change: impl FnOnce(&mut Open)) {
        if let Some(&at) = self.places.get(&order) {
            change(&mut self.open[at]);
        }
    }

    fn forget(&mut self, order: OrderId) {
        let Some(at) = self.places.remove(&order) else { return };
        self.open.swap_remove(at);
        if let Some(moved) = self.open.get(at) {
            self.places.insert(moved.order, at);
        }
    }

    /// A command about an open order; a limit when there is none that it fits.
    fn of_open(&mut self, make: impl FnOnce(&mut Self, Open) -> Option<Command>) -> Command {
        let some = self.random.pick(&self.open).copied();
        some.and_then(|open| make(self, open)).unwrap_or_else(|| Command::Place(self.place(Kind::Limit)))
    }

    fn account(&mut self) -> AccountId {
        AccountId(system::FIRST_USER.0 + u32::try_from(self.random.below(u64::from(ACCOUNTS))).unwrap_or(0))
    }

    fn side(&mut self) -> Side {
        if self.random.chance(500) { Side::Buy } else { Side::Sell }
    }

    /// A price behind the middle: most are near, one in eight trades.
    fn near(&mut self, side: Side) -> i64 {
        let behind = if self.random.chance(125) { -self.random.between(0, 8) } else { self.random.between(1, 60) };
        if side == Side::Buy { MIDDLE - behind } else { MIDDLE + behind }
    }

    fn place(&mut self, kind: Kind) -> Place {
        let side = self.side();
        let mut place = Place {
            account: self.account(),
            market: MARKET,
            side,
            price: Price(self.near(side)),
            quantity: Quantity(self.random.between(1, 100)),
            ..Place::BLANK
        };
        let modes = [
            (800, SelfTrade::None),
            (50, SelfTrade::ExpireTaker),
            (50, SelfTrade::ExpireMaker),
            (50, SelfTrade::ExpireBoth),
            (50, SelfTrade::Decrement),
        ];
        place.self_trade = self.random.weighted(&modes, SelfTrade::None);
        if self.random.chance(300) {
            self.named += 1;
            place.client_id = ClientOrderId::new(&format!("order-{}", self.named)).unwrap_or(ClientOrderId::EMPTY);
        }
        match kind {
            Kind::LimitMaker => place.order_type = OrderType::LimitMaker,
            Kind::Immediate => place.time_in_force = TimeInForce::Ioc,
            Kind::FillOrKill => place.time_in_force = TimeInForce::Fok,
            Kind::MarketByQuantity | Kind::MarketByQuote => {
                (place.order_type, place.time_in_force, place.price) = (OrderType::Market, TimeInForce::Ioc, Price(0));
                if kind == Kind::MarketByQuote {
                    place.quote_quantity = Amount(place.quantity.0 * MIDDLE * 10_000);
                    place.quantity = Quantity(0);
                }
            }
            Kind::Iceberg => (place.quantity, place.iceberg) = (Quantity(300), Quantity(self.random.between(20, 90))),
            Kind::GoodTillDate => {
                place.time_in_force = TimeInForce::Gtd;
                place.expire_at = Timestamp(self.now + self.random.between(1_000, 100_000).unsigned_abs());
            }
            Kind::Stop | Kind::Trailing => self.contingent(&mut place, kind),
            _ => {}
        }
        place
    }

    /// Makes a contingent order of it: its trigger lies beyond the last price.
    fn contingent(&mut self, place: &mut Place, kind: Kind) {
        let types = [OrderType::StopLoss, OrderType::StopLossLimit, OrderType::TakeProfit, OrderType::TakeProfitLimit];
        place.order_type = self.random.pick(&types).copied().unwrap_or(OrderType::StopLoss);
        let away = self.random.between(2, 12);
        let rising = place.order_type.trigger(place.side) == Trigger::Rising;
        place.stop_price = Price(if rising { self.last_price + away } else { self.last_price - away });
        if kind == Kind::Trailing {
            place.trailing_delta = self.random.pick(&[1, 2, 3]).copied().unwrap_or(1);
            if self.random.chance(500) {
                place.stop_price = Price(0);
            }
        }
        if !place.order_type.has_limit() {
            place.price = Price(0);
        }
    }

    fn place_list(&mut self, kind: Kind) -> Command {
        let account = self.account();
        let working = Place { account, self_trade: SelfTrade::None, ..self.place(Kind::Limit) };
        let side = working.side.opposite();
        let [profit, stop] = self.pair(account, side, working.quantity);
        let (kind, orders) = match kind {
            Kind::Oco => (ListKind::Oco, [profit, stop, Place::BLANK]),
            Kind::Oto => (ListKind::Oto, [working, profit, Place::BLANK]),
            _ => (ListKind::Otoco, [working, profit, stop]),
        };
        Command::PlaceList(Box::new(PlaceList { kind, client_id: ClientOrderId::EMPTY, orders }))
    }

    /// A LIMIT_MAKER beyond the price, and a stop on the other side of it.
    fn pair(&mut self, account: AccountId, side: Side, quantity: Quantity) -> [Place; 2] {
        let up = if side == Side::Sell { 1 } else { -1 };
        let blank = Place { account, market: MARKET, side, quantity, ..Place::BLANK };
        let profit =
            self.last_price.max(MIDDLE) * i64::from(up == 1) + self.last_price.min(MIDDLE) * i64::from(up == -1);
        let (profit, stop) =
            (profit + up * self.random.between(10, 60), self.last_price - up * self.random.between(2, 12));
        [
            Place { order_type: OrderType::LimitMaker, price: Price(profit), ..blank },
            Place { order_type: OrderType::StopLoss, stop_price: Price(stop), ..blank },
        ]
    }
}
