//! A small exchange for tables of commands.
//!
//! | line | command |
//! | --- | --- |
//! | `alice buy 2 @ 100` | limit order; after it `ioc`, `fok`, `maker`, `expire-taker`, `id=NAME`, `on MARKET` |
//! | `alice sell 2 market`, `alice buy 50 EUR market` | market order by quantity, by quote amount |
//! | `alice cancel #1`, `cancel NAME`, `cancel #1/NAME` | cancel by id, client id, both; after it `as=NAME` for the request |
//! | `alice cancel-all`, `alice cancel-all GOLDEUR` | cancel everything |
//! | `alice modify #1 3 @ 99` | modify |
//! | `alice replace #1 or-not buy 2 @ 100` | cancel-replace; without `or-not` a failed cancel stops it |
//! | `transfer alice bob 5 EUR`, `hold alice 5 EUR` | money |
//! | `capture H1 bob 5 EUR`, `release H1` | the second phase of a hold |
//! | `open 1500`, `add-asset 7 LEAD 3`, `add-market 9 LEADEUR LEAD EUR` | listing |
//! | `[7/1] transfer …` | any command, as position 1 of source 7; `[-]` for no source |
//! | `book`, `balance alice`, `orders alice`, `restart` | shows, or restores from a snapshot |
//!
//! The exchange has the assets GOLD and TIN (three decimals) and EUR (six). Markets: GOLDEUR without fees, TINEUR with 0.1 %
//! and 0.25 %, GOLDTIN with narrow filters, TINGOLD with none. alice, bob and carol own 1000 GOLD, 1000 TIN and 100000 EUR each; dave owns
//! nothing; nobody is not known.

use std::fmt::Write as _;

use engine::{Book, Engine};
use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Event, Fees, Filters, Market, MarketId, Range, Sequence,
    SourceId, SourceSeq, Stamped, Symbol, Timestamp, system,
};

use crate::language;

/// Names of accounts in tables.
pub(crate) const ACCOUNTS: [(&str, AccountId); 11] = [
    ("alice", AccountId(1_000)),
    ("bob", AccountId(1_001)),
    ("carol", AccountId(1_002)),
    ("dave", AccountId(1_003)),
    ("nobody", AccountId(9_999)),
    ("custody", system::CUSTODY),
    ("fees", system::FEES),
    ("escrow", system::ESCROW),
    ("earn", system::EARN_POOL),
    ("rounding", system::ROUNDING),
    ("adjustments", system::ADJUSTMENTS),
];

/// Names of assets, with their scales.
pub(crate) const ASSETS: [(&str, AssetId, u8); 3] =
    [("GOLD", AssetId(1), 3), ("EUR", AssetId(2), 6), ("TIN", AssetId(3), 3)];

pub(crate) const PRICE_DECIMALS: u8 = 2;
pub(crate) const QUANTITY_DECIMALS: u8 = 1;

/// A market over two of the assets, with open filters and no fees.
pub(crate) fn open_market(id: u16, symbol: &str, base: AssetId, quote: AssetId) -> Market {
    let any = Range { min: 1, max: i64::MAX, step: 1 };
    Market {
        id: MarketId(id),
        symbol: Symbol::new(symbol).expect("a legal symbol"),
        base,
        quote,
        price_decimals: PRICE_DECIMALS,
        quantity_decimals: QUANTITY_DECIMALS,
        filters: Filters {
            price: any,
            lot: any,
            market_lot: any,
            min_notional: Amount(0),
            max_notional: Amount(i64::MAX),
            max_open_orders: 1_000_000,
        },
        fees: Fees::default(),
    }
}

/// Names of markets with their settings.
pub(crate) fn markets() -> [Market; 4] {
    let narrow = Filters {
        price: Range { min: 100, max: 10_000, step: 5 },
        lot: Range { min: 5, max: 500, step: 5 },
        market_lot: Range { min: 10, max: 200, step: 10 },
        min_notional: Amount(5_000),
        max_notional: Amount(2_000_000),
        max_open_orders: 3,
    };
    [
        open_market(1, "GOLDEUR", AssetId(1), AssetId(2)),
        Market {
            fees: Fees { maker_ppm: 1_000, taker_ppm: 2_500 },
            ..open_market(2, "TINEUR", AssetId(3), AssetId(2))
        },
        Market { filters: narrow, ..open_market(3, "GOLDTIN", AssetId(1), AssetId(3)) },
        open_market(4, "TINGOLD", AssetId(3), AssetId(1)),
    ]
}

/// An engine with counters for its inputs.
pub(crate) struct Exchange<B: Book> {
    pub(crate) engine: Engine<B>,
    positions: std::collections::BTreeMap<SourceId, u64>,
}

impl<B: Book> Exchange<B> {
    /// With assets, markets, accounts and funds.
    pub(crate) fn new() -> Self {
        let mut exchange = Self { engine: Engine::new(), positions: std::collections::BTreeMap::new() };
        for (name, id, scale) in ASSETS {
            let symbol = Symbol::new(name).expect("a legal symbol");
            exchange.accept(Command::AddAsset(Asset { id, symbol, scale }));
        }
        for market in markets() {
            exchange.accept(Command::AddMarket(market));
        }
        for (_, account) in &ACCOUNTS[..4] {
            exchange.accept(Command::OpenAccount { account: *account });
        }
        for (_, to) in &ACCOUNTS[..3] {
            for (asset, amount) in [(1, 1_000_000), (2, 100_000_000_000), (3, 1_000_000)] {
                exchange.fund(*to, AssetId(asset), amount);
            }
        }
        exchange
    }

    pub(crate) fn fund(&mut self, to: AccountId, asset: AssetId, amount: i64) {
        self.accept(Command::Transfer { from: system::CUSTODY, to, asset, amount: Amount(amount) });
    }

    /// Applies a command that must not be refused.
    pub(crate) fn accept(&mut self, command: Command) -> Vec<Event> {
        let events = self.apply(command);
        let refused = |event: &Event| matches!(event, Event::Rejected { .. } | Event::CancelRejected { .. });
        assert!(!events.iter().any(refused), "{command:?} gave {events:?}");
        events
    }

    /// Applies a command as the next one of the source that it needs.
    pub(crate) fn apply(&mut self, command: Command) -> Vec<Event> {
        let moves_money = matches!(
            command,
            Command::Transfer { .. } | Command::Hold { .. } | Command::Capture { .. } | Command::Release { .. }
        );
        if !moves_money {
            return self.send(Envelope::client(command));
        }
        let position = self.positions.entry(SourceId::OPERATOR).or_default();
        *position += 1;
        let source_seq = SourceSeq(*position);
        self.send(Envelope { source: SourceId::OPERATOR, source_seq, command })
    }

    pub(crate) fn send(&mut self, envelope: Envelope) -> Vec<Event> {
        let sequence = Sequence(self.engine.sequence().0 + 1);
        let mut events = Vec::new();
        self.engine.apply(&Stamped { sequence, time: Timestamp(sequence.0 * 1_000), envelope }, &mut events);
        events
    }

    /// Replaces the engine by one that is restored from its snapshot.
    pub(crate) fn restart(&mut self) {
        let mut bytes = Vec::new();
        self.engine.snapshot(&mut bytes);
        let restored: Engine<B> = Engine::restore(&bytes).expect("a snapshot can be read back");
        assert_eq!(restored.state_hash(), self.engine.state_hash());
        assert_eq!(restored.image(), self.engine.image());
        self.engine = restored;
    }
}

/// The lines of a table that are commands: those that are indented least.
pub(crate) fn commands(table: &str) -> Vec<String> {
    let lines: Vec<&str> = table.lines().filter(|line| !line.trim().is_empty()).collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let least = lines.iter().map(indent).min().unwrap_or(0);
    lines.iter().filter(|line| indent(line) == least).map(|line| line.trim().to_owned()).collect()
}

/// Plays commands on a new exchange; gives each line with its answer indented below it.
pub(crate) fn play<B: Book>(script: &[String], restarts: bool) -> String {
    let mut exchange: Exchange<B> = Exchange::new();
    let mut out = String::new();
    for line in script {
        if restarts {
            exchange.restart();
        }
        writeln!(out, "{line}").expect("a string takes all");
        for answer in answer(&mut exchange, line) {
            writeln!(out, "  {answer}").expect("a string takes all");
        }
    }
    out
}

fn answer<B: Book>(exchange: &mut Exchange<B>, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[0] {
        "#" => Vec::new(),
        "book" => language::book(&exchange.engine.image(), words.get(1).copied().unwrap_or("GOLDEUR")),
        "balance" => words[1..].iter().map(|name| language::balance(&exchange.engine.image(), name)).collect(),
        "orders" => language::orders(&exchange.engine.image(), words[1]),
        "restart" => {
            exchange.restart();
            Vec::new()
        }
        first if first.starts_with('[') => {
            let envelope = language::sourced(first, language::command(&words[1..]));
            exchange.send(envelope).iter().map(language::event).collect()
        }
        _ => exchange.apply(language::command(&words)).iter().map(language::event).collect(),
    }
}
