//! A small exchange for tables of commands.
//!
//! | line | command |
//! | --- | --- |
//! | `alice buy 2 @ 100` | limit order; after it `ioc`, `fok`, `gtd=500`, `maker`, `iceberg=1`, `id=NAME`, `on MARKET` and `expire-taker`, `expire-maker`, `expire-both`, `decrement` |
//! | `alice sell 2 market`, `alice buy 50 EUR market` | market order by quantity, by quote amount |
//! | `alice sell 2 stop-loss 95`, `take-profit 110 @ 109` | contingent order, with a limit after `@`; `trail=500` with or without the stop price |
//! | `alice oco id=NAME \| sell 2 @ 110 maker \| sell 2 stop-loss 95` | list; `oto` and `otoco` likewise |
//! | `alice cancel #1`, `cancel NAME`, `cancel #1/NAME` | cancel by id, client id, both; after it `as=NAME` for the request |
//! | `alice cancel-list L1`, `cancel-list NAME` | cancel of a list |
//! | `alice cancel-all`, `alice cancel-all GOLDEUR`, `cancel-market GOLDEUR` | cancel everything |
//! | `alice countdown 500`, `alice countdown 500 on GOLDEUR` | dead-man's switch, in milliseconds |
//! | `alice amend #1 3 id=NAME` | amend |
//! | `alice modify #1 3 @ 99` | modify |
//! | `alice replace #1 or-not buy 2 @ 100` | cancel-replace; without `or-not` a failed cancel stops it |
//! | `transfer alice bob 5 EUR`, `hold alice 5 EUR` | money |
//! | `capture H1 bob 5 EUR`, `release H1` | the second phase of a hold |
//! | `open 1500`, `open alice1 of alice`, `add-asset 7 LEAD 3`, `add-market 9 LEADEUR LEAD EUR` | listing |
//! | `set GOLDEUR algo=2 parts=3 …` | the market's first settings, but for what is said: see `language::commands` |
//! | `state GOLDEUR auction until=500` | market state |
//! | `tier alice 3`, `fees 10/20 tier=3 on GOLDEUR`, `fees none` | fee schedule |
//! | `tick` | nothing but time |
//! | `at 500 …` | any command, at this time in milliseconds; each other one comes a millisecond after the one before, the first at 21 |
//! | `[7/1] transfer …` | any command, as position 1 of source 7; `[-]` for no source |
//! | `book`, `balance alice`, `orders alice`, `market`, `lists`, `countdowns`, `schedule`, `restart` | shows, or restores from a snapshot |
//!
//! The exchange has the assets GOLD and TIN (three decimals) and EUR (six). Markets: GOLDEUR without fees, TINEUR with 0.1 %
//! and 0.25 %, GOLDTIN with narrow filters, TINGOLD with none. alice, bob and carol own 1000 GOLD, 1000 TIN and 100000 EUR each; dave owns
//! nothing; alice1, alice2 and bob1 can be opened; nobody is not known.

use std::fmt::Write as _;

use engine::{Book, Engine};
use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Event, Fees, Filters, Market, MarketId, Range, Sequence,
    SourceId, SourceSeq, Stamped, Symbol, Timestamp, Volatility, system,
};

use crate::follower::Follower;
use crate::language;

/// Names of accounts in tables.
pub(crate) const ACCOUNTS: [(&str, AccountId); 14] = [
    ("alice", AccountId(1_000)),
    ("bob", AccountId(1_001)),
    ("carol", AccountId(1_002)),
    ("dave", AccountId(1_003)),
    ("alice1", AccountId(1_010)),
    ("alice2", AccountId(1_011)),
    ("bob1", AccountId(1_012)),
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
    Market {
        id: MarketId(id),
        symbol: Symbol::new(symbol).expect("a legal symbol"),
        base,
        quote,
        price_decimals: PRICE_DECIMALS,
        quantity_decimals: QUANTITY_DECIMALS,
        filters: Filters { max_open_orders: 1_000_000, ..Filters::WIDE },
        fees: None,
        volatility: Volatility::OFF,
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
        ..Filters::WIDE
    };
    [
        open_market(1, "GOLDEUR", AssetId(1), AssetId(2)),
        Market {
            fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_500 }),
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
    /// When the next command comes.
    next: Timestamp,
    follower: Follower,
}

impl<B: Book> Exchange<B> {
    /// With assets, markets, accounts and funds.
    pub(crate) fn new() -> Self {
        let mut exchange = Self {
            engine: Engine::new(),
            positions: std::collections::BTreeMap::new(),
            next: Timestamp(1_000),
            follower: Follower::default(),
        };
        for (name, id, scale) in ASSETS {
            let symbol = Symbol::new(name).expect("a legal symbol");
            exchange.accept(Command::AddAsset(Asset { id, symbol, scale }));
        }
        for market in markets() {
            exchange.accept(Command::AddMarket(Box::new(market)));
        }
        for (_, account) in &ACCOUNTS[..4] {
            exchange.accept(Command::OpenAccount { account: *account, parent: AccountId(0) });
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
        let text = format!("{command:?}");
        let events = self.apply(command);
        let refused = |event: &Event| matches!(event, Event::Rejected { .. } | Event::CancelRejected { .. });
        assert!(!events.iter().any(refused), "{text} gave {events:?}");
        events
    }

    /// Applies a command as the next one of the source that it needs.
    pub(crate) fn apply(&mut self, command: Command) -> Vec<Event> {
        if !command.moves_money() {
            return self.send(Envelope::client(command));
        }
        let position = self.positions.entry(SourceId::OPERATOR).or_default();
        *position += 1;
        let source_seq = SourceSeq(*position);
        self.send(Envelope { source: SourceId::OPERATOR, source_seq, command })
    }

    pub(crate) fn send(&mut self, envelope: Envelope) -> Vec<Event> {
        let stamped = self.stamp(envelope);
        self.next = Timestamp(self.next.0 + 1_000);
        let mut events = Vec::new();
        self.engine.apply(&stamped, &mut events);
        events.iter().for_each(|event| self.follower.take(event));
        events
    }

    /// The command as the next one of the journal.
    pub(crate) fn stamp(&self, envelope: Envelope) -> Stamped {
        Stamped { sequence: Sequence(self.engine.sequence().0 + 1), time: self.next, envelope }
    }

    /// When the next command comes, if nothing else is said.
    pub(crate) fn now(&self) -> Timestamp {
        self.next
    }

    /// Carries out a line that is a command.
    pub(crate) fn obey(&mut self, words: &[&str]) -> Vec<Event> {
        match words[0] {
            "at" => {
                self.next = language::time(words[1]).max(self.engine.time());
                self.obey(&words[2..])
            }
            first if first.starts_with('[') => self.send(language::sourced(first, language::command(&words[1..]))),
            _ => self.apply(language::command(words)),
        }
    }

    /// Panics when the events so far do not lead to the engine's image.
    pub(crate) fn check(&mut self) {
        self.follower.check(&self.engine.image());
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
        exchange.check();
        writeln!(out, "{line}").expect("a string takes all");
        for answer in answer(&mut exchange, line) {
            writeln!(out, "  {answer}").expect("a string takes all");
        }
    }
    exchange.check();
    out
}

fn answer<B: Book>(exchange: &mut Exchange<B>, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words[0] == "#" {
        return Vec::new();
    }
    if words[0] == "restart" {
        exchange.restart();
        return Vec::new();
    }
    if let Some(lines) = language::show(&exchange.engine.image(), &words) {
        return lines;
    }
    exchange.obey(&words).iter().map(language::event).collect()
}
