//! Commands: an exchange with one market, and traffic that follows from a seed.

use model::{
    AccountId, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Fees, Filters, Market,
    MarketId, OrderId, OrderType, Place, Price, Quantity, Range, ReplaceMode, SelfTrade, Side, SourceId, SourceSeq,
    Symbol, Target, TimeInForce, system,
};

pub(crate) const QUOTE: AssetId = AssetId(1);
pub(crate) const BASE: AssetId = AssetId(2);
/// An asset that is only ever transferred.
pub(crate) const GIFT: AssetId = AssetId(3);
pub(crate) const MARKET: MarketId = MarketId(1);
/// Users with money, from [`system::FIRST_USER`] on.
pub(crate) const USERS: u32 = 8;
/// Gets the gifts.
pub(crate) const RECEIVER: AccountId = system::FIRST_USER;

/// A generator whose seed is the whole story of a run (SplitMix64).
#[derive(Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number from 1 to `limit`.
    fn up_to(&mut self, limit: u64) -> i64 {
        i64::try_from(self.below(limit) + 1).unwrap()
    }
}

pub(crate) fn user(index: u64) -> AccountId {
    AccountId(system::FIRST_USER.0 + u32::try_from(index).unwrap())
}

/// Lists the market and funds the users. All of it under one source, so that a repeat changes nothing.
pub(crate) fn scene() -> Vec<Envelope> {
    let mut commands: Vec<Command> = [(QUOTE, "USDT"), (BASE, "BTC"), (GIFT, "GIFT")]
        .map(|(id, symbol)| Command::AddAsset(Asset { id, symbol: Symbol::new(symbol).unwrap(), scale: 8 }))
        .into();
    let range = |max| Range { min: 1, max, step: 1 };
    commands.push(Command::AddMarket(Box::new(Market {
        id: MARKET,
        symbol: Symbol::new("BTCUSDT").unwrap(),
        base: BASE,
        quote: QUOTE,
        price_decimals: 2,
        quantity_decimals: 4,
        filters: Filters {
            price: range(1_000_000),
            lot: range(1_000_000),
            market_lot: range(1_000_000),
            min_notional: Amount(1),
            max_notional: Amount(i64::MAX),
            max_open_orders: 60,
            ..Filters::WIDE
        },
        fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_000 }),
        volatility: model::Volatility::OFF,
    })));
    for account in (0..USERS).map(|index| user(index.into())) {
        commands.push(Command::OpenAccount { account, parent: AccountId(0) });
        let amount = Amount(1_000_000_000_000);
        commands.push(Command::Transfer { from: system::CUSTODY, to: account, asset: QUOTE, amount });
        commands.push(Command::Transfer { from: system::CUSTODY, to: account, asset: BASE, amount });
    }
    let numbered = commands.into_iter().zip(1..);
    numbered.map(|(command, seq)| from_source(SourceId::BOOTSTRAP, seq, command)).collect()
}

pub(crate) fn from_source(source: SourceId, seq: u64, command: Command) -> Envelope {
    Envelope { source, source_seq: SourceSeq(seq), command }
}

/// One unit for the receiver, as the position of a source.
pub(crate) fn gift(source: SourceId, seq: u64) -> Envelope {
    let transfer = Command::Transfer { from: system::CUSTODY, to: RECEIVER, asset: GIFT, amount: Amount(1) };
    from_source(source, seq, transfer)
}

/// Commands of clients: mostly orders around one price, so that many trade.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) seeded: Seeded,
    name: String,
    count: u64,
}

impl Traffic {
    /// `name` sets its client ids apart from those of other traffic.
    pub(crate) fn new(seed: u64, name: impl Into<String>) -> Self {
        Self { seeded: Seeded(seed), name: name.into(), count: 0 }
    }

    pub(crate) fn take(&mut self, commands: usize) -> Vec<Envelope> {
        (0..commands).map(|_| self.next()).collect()
    }

    pub(crate) fn next(&mut self) -> Envelope {
        self.count += 1;
        let account = user(self.seeded.below(u64::from(USERS)));
        let recent = self.count.saturating_sub(self.seeded.below(20));
        let target = Target::Client(self.id("o", recent));
        Envelope::client(match self.seeded.below(100) {
            0..70 => Command::Place(self.place(account)),
            70..84 => Command::Cancel { account, market: MARKET, target, client_id: self.id("c", self.count) },
            84..92 => {
                let (cancel_id, place) = (self.id("r", self.count), self.place(account));
                Command::CancelReplace(CancelReplace { mode: ReplaceMode::AllowFailure, target, cancel_id, place })
            }
            92..98 => Command::Modify {
                account,
                market: MARKET,
                order: OrderId(self.seeded.below(self.count * 2) + 1),
                price: self.price(),
                quantity: Quantity(self.seeded.up_to(500)),
            },
            _ => Command::CancelAll { account, market: Some(MARKET) },
        })
    }

    fn place(&mut self, account: AccountId) -> Place {
        let side = if self.seeded.below(2) == 0 { Side::Buy } else { Side::Sell };
        let is_market = self.seeded.below(10) == 0;
        Place {
            account,
            market: MARKET,
            side,
            order_type: if is_market { OrderType::Market } else { OrderType::Limit },
            time_in_force: if is_market { TimeInForce::Ioc } else { TimeInForce::Gtc },
            self_trade: if self.seeded.below(2) == 0 { SelfTrade::None } else { SelfTrade::ExpireTaker },
            price: if is_market { Price::ZERO } else { self.price() },
            quantity: Quantity(self.seeded.up_to(500)),
            quote_quantity: Amount::ZERO,
            client_id: self.id("o", self.count),
            ..Place::BLANK
        }
    }

    fn price(&mut self) -> Price {
        Price(10_000 + self.seeded.up_to(60))
    }

    fn id(&self, kind: &str, number: u64) -> ClientOrderId {
        ClientOrderId::new(&format!("{}-{kind}-{number}", self.name)).unwrap()
    }
}

/// The scene and some traffic.
pub(crate) fn commands(seed: u64, traffic: usize) -> Vec<Envelope> {
    let mut commands = scene();
    commands.extend(Traffic::new(seed, "t").take(traffic));
    commands
}
