//! The engine alone, on one thread, beside other open order books.

mod contest;
mod matchcore;
mod orderbook_rs;
mod ours;
mod workload;

use std::path::Path;

use serde::Serialize;

use self::contest::Case;
use self::matchcore::{Matchcore, Modify};
use self::orderbook_rs::OrderbookRs;
use self::ours::Ours;
use self::workload::{Verdict, Workload};
use crate::figures::{Latency, Spread, Table, chart, rate, timer_cost_ns, times};

/// Accounts of the plain case.
const ACCOUNTS: u32 = 1_000;
/// Accounts, or other orders, of the large cases.
const MILLION: u32 = 1_000_000;
/// What the names of the engine's own cases start with.
const OURS: &str = "rialto";
/// Commands a CPU second that the engine should reach.
const AIM: f64 = 8_000_000.0;

/// The figures of one contender under one workload.
#[derive(Debug, Serialize)]
struct Figures {
    workload: String,
    contender: String,
    remark: &'static str,
    commands_per_cpu_second: Spread,
    /// How many times faster the plain engine is, by medians.
    engine_is_times_faster: Option<f64>,
    trades: u64,
    expected_trades: u64,
    /// Of one command, with one reading of the clock in it.
    latency: Latency,
}

/// The figures of the section.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    /// What the median reading of the clock adds to each latency.
    timer_cost_ns: u64,
    /// Messages whose reports differ from those expected, by workload.
    engine_mismatches: Vec<(String, Option<u64>)>,
    figures: Vec<Figures>,
}

/// Measures every case whose name contains `only`.
pub(crate) fn measure(flows: &Path, rounds: u32, only: &str, out: &Path) -> anyhow::Result<Results> {
    let mut results = Results { timer_cost_ns: timer_cost_ns(), engine_mismatches: Vec::new(), figures: Vec::new() };
    for (number, workload) in Workload::all(flows)?.into_iter().enumerate() {
        let verdict = workload.verify(ACCOUNTS)?;
        results.engine_mismatches.push((workload.name.clone(), verdict.mismatches));
        // The large cases take long to set up: one workload is enough for them.
        let figures = contest(&workload, verdict, rounds, &cases(number == 0, only));
        print(&workload, verdict, &figures, results.timer_cost_ns);
        let bars = figures.iter().map(|f| (f.contender.clone(), f.commands_per_cpu_second.median)).collect();
        let name = workload.name.replace(' ', "-");
        let title = format!("{}: commands per CPU second of one thread (median)", workload.name);
        chart::save(&out.join(format!("engine-{name}.svg")), &title, bars)?;
        results.figures.extend(figures);
    }
    Ok(results)
}

fn cases(large: bool, only: &str) -> Vec<Case> {
    const WHOLE: &str = "ledger, holds, fees, filters, event hash";
    let mut cases = vec![
        Case::new("rialto engine, 1,000 accounts", WHOLE, || Ours::new(ACCOUNTS, 0)),
        Case::new("matchcore 0.4", "matching only; modify as its amend", || Matchcore::new(Modify::Amend)),
        Case::new("matchcore 0.4, cancel + submit", "matching only; modify as two commands", || {
            Matchcore::new(Modify::CancelAndSubmit)
        }),
        Case::new("orderbook-rs 0.15", "matching only; modify as two commands", OrderbookRs::new),
    ];
    if large {
        cases.extend([
            Case::new("rialto engine, 1,000,000 accounts", WHOLE, || Ours::seated(MILLION)),
            Case::new("rialto engine, 1,000,000 accounts new here", WHOLE, || Ours::new(MILLION, 0)),
            Case::new("rialto engine, 1,000,000 other orders", WHOLE, || Ours::new(ACCOUNTS, MILLION)),
        ]);
    }
    cases.retain(|case| case.name.contains(only));
    cases
}

/// Runs every case once a round, so that a slow minute of the machine meets all of them.
fn contest(workload: &Workload, verdict: Verdict, rounds: u32, cases: &[Case]) -> Vec<Figures> {
    let messages = &workload.stream.messages;
    let mut rates = vec![Vec::new(); cases.len()];
    let mut trades = vec![0; cases.len()];
    for _ in 0..rounds {
        for (number, case) in cases.iter().enumerate() {
            let pass = case.pass(messages);
            rates[number].push(messages.len() as f64 / pass.cpu.as_secs_f64());
            trades[number] = pass.trades;
        }
    }
    let mut figures: Vec<Figures> = Vec::new();
    for ((case, rates), trades) in cases.iter().zip(rates).zip(trades) {
        let spread = Spread::of(rates);
        let is_peer = !case.name.starts_with(OURS);
        let plain = figures.first().filter(|first| is_peer && is_ours(first));
        figures.push(Figures {
            workload: workload.name.clone(),
            contender: case.name.clone(),
            remark: case.remark,
            engine_is_times_faster: plain.map(|plain| plain.commands_per_cpu_second.median / spread.median),
            commands_per_cpu_second: spread,
            trades,
            expected_trades: verdict.trades,
            latency: Latency::of(&case.latencies(messages)),
        });
    }
    figures
}

fn is_ours(figures: &Figures) -> bool {
    figures.contender.starts_with(OURS)
}

fn print(workload: &Workload, verdict: Verdict, figures: &[Figures], timer_cost_ns: u64) {
    let mut table =
        Table::new(&["contender", "commands per CPU second", "engine is", "p50", "p99", "p99.9", "trades", "does"]);
    for line in figures {
        let cells = line.latency.cells();
        let mut row = vec![line.contender.clone(), rate(&line.commands_per_cpu_second)];
        row.push(line.engine_is_times_faster.map_or_else(String::new, |ratio| format!("{} as fast", times(ratio))));
        row.extend(cells);
        let wrong = if line.trades == line.expected_trades { "" } else { " WRONG" };
        row.push(format!("{}{wrong}", line.trades));
        row.push(line.remark.to_owned());
        table.row(row);
    }
    table.print(&format!("Engine on {}: {} messages, one thread", workload.name, workload.stream.messages.len()));
    let said = match verdict.mismatches {
        Some(mismatches) => format!(
            "Compared with the expected reports, message by message: {mismatches} mismatches of the engine; \
             {} trades are right.",
            verdict.trades
        ),
        None => "No expected reports: the engine's own count of trades is taken as right.".to_owned(),
    };
    println!("  {said}\n  Latencies hold one reading of the clock each, {timer_cost_ns} ns here.");
    if let Some(plain) = figures.first().filter(|first| is_ours(first)) {
        let median = plain.commands_per_cpu_second.median;
        let word = if median >= AIM { "reached" } else { "missed" };
        println!("  Aim of {:.0} million commands per CPU second: {word} ({:.2} million).", AIM / 1e6, median / 1e6);
    }
    println!();
}
