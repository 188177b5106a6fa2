//! The flows, each with those that take part in it.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use flows::flash1::{Expected, Stream};
use model::{Event, Sequence, Stamped};
use simulator::Traffic;

use super::contest::{Case, Contender};
use super::matchcore::{Matchcore, Modify};
use super::message::{Flow, Kind};
use super::orderbook_rs::OrderbookRs;
use super::ours::{Ours, Replay};
use super::owners::Owners;
use super::{mixes, recorded, synthetic};

/// Accounts, or other orders, of the large cases.
pub(super) const MILLION: u32 = 1_000_000;
/// Owners of the plain cases.
const PLAIN: Owners = Owners::One { accounts: 1_000 };
const WHOLE: &str = "ledger, holds, fees, filters, event hash";
const BATCHES: &str = "the same, each 64 commands read ahead";

/// A flow, and what is known of the right answer.
pub(super) struct Workload {
    pub(super) name: String,
    /// What is said above its table.
    pub(super) about: &'static str,
    /// What is said below it.
    pub(super) told: String,
    /// Trades of the plain engine, the same as those expected when there is no mismatch.
    pub(super) trades: u64,
    /// Messages whose reports differ from those expected; none when nothing is expected.
    pub(super) mismatches: Option<u64>,
    pub(super) cases: Vec<Case>,
}

/// Names of the workloads, in the order in which they are measured.
pub(super) const NAMES: [&str; 9] = [
    "flash1 normal",
    "flash1 static",
    "exchange-core mix",
    "real day",
    "deep book",
    "sweeps",
    "every order type",
    "million orders beside",
    "million accounts",
];

impl Workload {
    /// Makes one ready. `Err` of text: what is missing for it.
    pub(super) fn load(name: &str, folder: &Path) -> anyhow::Result<Result<Self, String>> {
        let made = match name {
            "flash1 normal" => return Self::flash1(name, folder),
            "flash1 static" => {
                let file = orders(folder, "static");
                if !file.exists() {
                    return Ok(Err(format!("{} is not there", file.display())));
                }
                return Self::flash1(name, folder);
            }
            "real day" => {
                let day = folder.join("bitstamp-2015");
                if !day.join("orders.csv.xz").exists() {
                    return Ok(Err(format!("{} is not there", day.join("orders.csv.xz").display())));
                }
                let owners = Owners::Day { accounts: 50 };
                let about =
                    "Bitstamp, BTC/USD, as its feed shows it; executions that it does not explain as immediate orders";
                Self::contest(name, about, owners, recorded::day(&day, owners)?)
            }
            "exchange-core mix" => {
                let about = "82 % move, 9 % GTC, 6 % cancel, 3 % IOC; about 1,000 open orders on 750 prices";
                Self::contest(name, about, PLAIN, mixes::exchange_core(PLAIN, 1_500_000))
            }
            "deep book" => {
                let about =
                    "1,000,000 orders rest on 40,000 prices; half of the messages near the best price, half anywhere";
                Self::contest(name, about, PLAIN, mixes::deep(PLAIN, 1_000_000, 700_000)).large()
            }
            "sweeps" => {
                let about = "every 21st order takes about 20 orders on as many prices";
                Self::contest(name, about, PLAIN, mixes::sweeps(PLAIN, 1_000_000))
            }
            "every order type" => Self::every_order_type(name),
            "million orders beside" => Self::million_orders(name, &base_flow(folder)?.0),
            _ => Self::million_accounts(name, &base_flow(folder)?.0),
        };
        Ok(Ok(made))
    }

    fn flash1(name: &str, folder: &Path) -> anyhow::Result<Result<Self, String>> {
        let kind = name.trim_start_matches("flash1 ");
        let file = orders(folder, kind);
        let (stream, expected) = if file.exists() {
            let reports = folder.join(format!("reports_{kind}_s23_n1000000.txt.zst"));
            (Stream::read(&file)?, reports.exists().then_some(reports))
        } else {
            (Stream::new(synthetic::messages()), None)
        };
        let about = if file.exists() {
            "1,000,000 limit orders after US equity flow, cancelled and modified"
        } else {
            "NOT flash1, whose files are not there, but a synthetic flow of its shape: for comparison among these only"
        };
        let (trades, mismatches) = verify(&stream, expected)?;
        let made = Self::contest(name, about, PLAIN, recorded::flash1(&stream));
        debug_assert_eq!(made.trades, trades);
        Ok(Ok(Self { mismatches, ..made }))
    }

    /// The engine beside its peers.
    fn contest(name: &str, about: &'static str, owners: Owners, flow: Flow) -> Self {
        let share = |of: fn(&Kind) -> bool| {
            let count = flow.messages.iter().filter(|message| of(&message.kind)).count();
            count as f64 * 100.0 / flow.messages.len().max(1) as f64
        };
        let told = format!(
            "{:.0} % new, {:.0} % immediate, {:.0} % cancel, {:.0} % modify.",
            share(|kind| matches!(kind, Kind::New { ioc: false })),
            share(|kind| matches!(kind, Kind::New { ioc: true })),
            share(|kind| *kind == Kind::Cancel),
            share(|kind| *kind == Kind::Modify)
        );
        let flow = Rc::new(flow);
        let ours = Case::new("rialto engine", WHOLE, &flow, move || Ours::new(owners));
        let trades = ours.pass().trades;
        let cases = vec![
            ours,
            Case::new("matchcore 0.4", "matching only; modify as its amend", &flow, || Matchcore::new(Modify::Amend)),
            Case::new("matchcore 0.4, cancel + submit", "matching only; modify as two commands", &flow, || {
                Matchcore::new(Modify::CancelAndSubmit)
            }),
            Case::new("orderbook-rs 0.15", "matching only; modify as two commands", &flow, OrderbookRs::new),
        ];
        Self { name: name.to_owned(), about, told, trades, mismatches: None, cases }
    }

    fn large(mut self) -> Self {
        self.cases = self.cases.into_iter().map(Case::large).collect();
        self
    }

    /// The engine alone.
    fn ours_alone(name: &str, about: &'static str, cases: Vec<Case>) -> Self {
        let trades = cases.first().map_or(0, |case| case.pass().trades);
        let told = "The peers have no accounts.".to_owned();
        Self { name: name.to_owned(), about, told, trades, mismatches: None, cases }
    }

    fn million_orders(name: &str, flow: &Rc<Flow>) -> Self {
        let fresh = || Ours::new(PLAIN).beside(u64::from(MILLION));
        let cases = vec![
            Case::new("rialto engine", WHOLE, flow, fresh).large(),
            Case::new("rialto engine, batches", BATCHES, flow, move || fresh().looking_ahead()).large(),
        ];
        Self::ours_alone(name, "flash1 normal, 1,000 accounts, 1,000,000 other orders rest far from it", cases)
    }

    fn million_accounts(name: &str, flow: &Rc<Flow>) -> Self {
        let one = || Ours::new(Owners::One { accounts: MILLION }).seated();
        let hundred = || Ours::new(Owners::Hundred { accounts: MILLION }).seated();
        let beside = move || hundred().beside(u64::from(MILLION));
        let cases = vec![
            Case::new("rialto engine, 1 market", WHOLE, flow, one).large(),
            Case::new("rialto engine, 1 market, batches", BATCHES, flow, move || one().looking_ahead()).large(),
            Case::new("rialto engine, 100 markets", WHOLE, flow, hundred).large(),
            Case::new("rialto engine, 100 markets, batches", BATCHES, flow, move || hundred().looking_ahead()).large(),
            Case::new("rialto engine, 100 markets, 1,000,000 orders rest", WHOLE, flow, beside).large(),
            Case::new("rialto engine, 100 markets, 1,000,000 orders rest, batches", BATCHES, flow, move || {
                beside().looking_ahead()
            })
            .large(),
        ];
        let about = "flash1 normal dealt over 1,000,000 accounts and the markets; each account has ordered in its 4 of 100 before";
        Self { trades: 0, ..Self::ours_alone(name, about, cases) }
    }

    fn every_order_type(name: &str) -> Self {
        let (flow, told) = every_order_type(600_000);
        let cases = vec![Case::new("rialto engine", WHOLE, &Rc::new(flow), Replay::new)];
        let about = "limits, market, stops, trailing, icebergs, GTD, OCO, OTO, OTOCO, amend, modify, cancel-replace, all STP modes";
        Self { told, ..Self::ours_alone(name, about, cases) }
    }
}

fn orders(folder: &Path, kind: &str) -> PathBuf {
    folder.join(format!("orders_{kind}_s23_n1000000.bin.zst"))
}

/// flash1 `normal`, or what stands in for it.
fn base_flow(folder: &Path) -> anyhow::Result<(Rc<Flow>, bool)> {
    let file = orders(folder, "normal");
    let is_there = file.exists();
    let stream = if is_there { Stream::read(&file)? } else { Stream::new(synthetic::messages()) };
    Ok((Rc::new(recorded::flash1(&stream)), is_there))
}

/// Runs the engine once, apart from the measurements, and compares each message's reports with those expected.
fn verify(stream: &Stream, expected: Option<PathBuf>) -> anyhow::Result<(u64, Option<u64>)> {
    let mut expected = expected.as_deref().map(Expected::open).transpose()?;
    let mut ours = Ours::new(PLAIN);
    let (mut trades, mut lines) = (0, String::new());
    for (message, plain) in stream.messages.iter().zip(recorded::flash1(stream).messages) {
        let input = ours.input(&plain);
        let events = ours.events(&input);
        trades += events.iter().filter(|event| matches!(event, Event::Trade(_))).count() as u64;
        if let Some(expected) = &mut expected {
            lines.clear();
            stream.reports(message, events, &mut lines);
            expected.compare(message.sequence, &lines)?;
        }
    }
    Ok((trades, expected.as_mut().map(Expected::finish).transpose()?))
}

/// Commands of every kind, with their places in the journal.
fn every_order_type(messages: usize) -> (Flow<Stamped>, String) {
    let mut traffic = Traffic::new(4);
    let mut engine: engine::Engine = engine::Engine::new();
    let mut events = Vec::new();
    let mut flow = Flow { opening: Vec::new(), messages: Vec::with_capacity(messages) };
    let mut send = |time, envelope, events: &mut Vec<Event>| {
        let stamped = Stamped { sequence: Sequence(engine.sequence().0 + 1), time, envelope };
        events.clear();
        engine.apply(&stamped, events);
        stamped
    };
    for envelope in Traffic::opening() {
        flow.opening.push(send(traffic.time(), envelope, &mut events));
    }
    let (mut refused, mut told) = (0_u64, 0_u64);
    for number in 0..messages + messages / 10 {
        let time = traffic.time();
        let stamped = send(time, traffic.command(), &mut events);
        traffic.observe(&events);
        if number < messages / 10 {
            flow.opening.push(stamped);
        } else {
            flow.messages.push(stamped);
            refused += u64::from(events.iter().any(|event| matches!(event, Event::Rejected { .. })));
            told += events.len() as u64;
        }
    }
    let count = messages.max(1) as f64;
    let said = format!(
        "{:.1} events a command, {:.1} % of the commands refused. No peer has all of this: neither knows OCO, OTO, OTOCO or \
         accounts.",
        told as f64 / count,
        refused as f64 * 100.0 / count
    );
    (flow, said)
}
