//! The engine alone, on one thread, beside other open order books.

mod contest;
mod matchcore;
mod memory;
mod message;
mod mixes;
mod orderbook_rs;
mod ours;
mod owners;
mod recorded;
mod synthetic;
mod workload;

use std::path::Path;

use serde::Serialize;

use self::contest::Case;
use self::workload::{NAMES, Workload};
use crate::figures::{Latency, Spread, Table, chart, rate, timer_cost_ns, times};

pub(crate) use memory::serve as memory;

/// What the names of the engine's own cases start with.
const OURS: &str = "rialto";
/// Rounds of what takes long, at most: a case that takes long to set up, and latencies.
const FEW: u32 = 3;
/// Commands a CPU second that the engine should reach, by workload and the end of the case's name.
const AIMS: [(&str, &str, f64); 4] = [
    ("flash1 normal", "engine", 12e6),
    ("million orders beside", "batches", 5e6),
    ("million accounts", "100 markets, batches", 4e6),
    ("million accounts", "orders rest, batches", 2.5e6),
];

/// The figures of one contender under one workload.
#[derive(Debug, Serialize)]
struct Figures {
    workload: String,
    contender: String,
    remark: &'static str,
    commands_per_cpu_second: Spread,
    aim: Option<f64>,
    /// How many times faster the plain engine is, by medians.
    engine_is_times_faster: Option<f64>,
    trades: u64,
    /// Trades of the engine, or of the expected reports; none where the cases differ.
    expected_trades: Option<u64>,
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
    /// What was not measured, and why.
    absent: Vec<(String, String)>,
    figures: Vec<Figures>,
    memory: Option<memory::Memory>,
}

/// Measures every workload whose name contains `only`.
pub(crate) fn measure(folder: &Path, rounds: u32, only: &str, out: &Path) -> anyhow::Result<Results> {
    let mut results = Results {
        timer_cost_ns: timer_cost_ns(),
        engine_mismatches: Vec::new(),
        absent: Vec::new(),
        figures: Vec::new(),
        memory: if "memory".contains(only) { memory::measure()? } else { None },
    };
    if let Some(memory) = results.memory {
        memory.print();
    }
    for name in NAMES.into_iter().filter(|name| name.contains(only)) {
        let workload = match Workload::load(name, folder)? {
            Ok(workload) => workload,
            Err(missing) => {
                println!("Engine on {name}: not measured, {missing}.\n");
                results.absent.push((name.to_owned(), missing));
                continue;
            }
        };
        results.engine_mismatches.push((workload.name.clone(), workload.mismatches));
        let figures = contest(&workload, rounds);
        print(&workload, &figures, results.timer_cost_ns);
        let bars = figures.iter().map(|f| (f.contender.clone(), f.commands_per_cpu_second.median)).collect();
        let title = format!("{name}: commands per CPU second of one thread (median)");
        chart::save(&out.join(format!("engine-{}.svg", name.replace(' ', "-"))), &title, bars)?;
        results.figures.extend(figures);
    }
    Ok(results)
}

/// Runs every case once a round, so that a slow minute of the machine meets all of them.
fn contest(workload: &Workload, rounds: u32) -> Vec<Figures> {
    let cases = &workload.cases;
    let mut rates = vec![Vec::new(); cases.len()];
    let mut trades = vec![0; cases.len()];
    let mut latencies = vec![Vec::new(); cases.len()];
    for round in 0..rounds {
        for (number, case) in cases.iter().enumerate().filter(|(_, case)| !case.is_large || round < FEW) {
            let pass = case.pass();
            rates[number].push(case.messages as f64 / pass.cpu.as_secs_f64());
            trades[number] = pass.trades;
        }
        // What is large is timed once: its setup takes longer than all the rest.
        for (number, case) in cases.iter().enumerate().filter(|(_, case)| round < if case.is_large { 1 } else { FEW }) {
            latencies[number].push(Latency::of(&case.latencies()));
        }
    }
    let mut figures: Vec<Figures> = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let spread = Spread::of(std::mem::take(&mut rates[number]));
        let is_peer = !case.name.starts_with(OURS);
        let plain = figures.first().filter(|first| is_peer && is_ours(first));
        figures.push(Figures {
            workload: workload.name.clone(),
            contender: case.name.clone(),
            remark: case.remark,
            aim: aim(&workload.name, case),
            engine_is_times_faster: plain.map(|plain| plain.commands_per_cpu_second.median / spread.median),
            commands_per_cpu_second: spread,
            trades: trades[number],
            expected_trades: (workload.trades > 0).then_some(workload.trades),
            latency: Latency::median(&latencies[number]),
        });
    }
    figures
}

fn aim(workload: &str, case: &Case) -> Option<f64> {
    let is_it = |(of, end, _): &&(&str, &str, f64)| *of == workload && case.name.ends_with(*end);
    AIMS.iter().filter(|_| case.name.starts_with(OURS)).find(is_it).map(|(_, _, aim)| *aim)
}

fn is_ours(figures: &Figures) -> bool {
    figures.contender.starts_with(OURS)
}

fn print(workload: &Workload, figures: &[Figures], timer_cost_ns: u64) {
    let mut table = Table::new(&[
        "contender",
        "commands per CPU second",
        "engine is",
        "p50",
        "p99",
        "p99.9",
        "p99.99",
        "trades",
        "does",
    ]);
    for line in figures {
        let mut row = vec![line.contender.clone(), rate(&line.commands_per_cpu_second)];
        row.push(line.engine_is_times_faster.map_or_else(String::new, |ratio| format!("{} as fast", times(ratio))));
        row.extend(line.latency.cells());
        row.push(line.latency.farthest_cell());
        let is_wrong = line.expected_trades.is_some_and(|expected| expected != line.trades);
        row.push(format!("{}{}", line.trades, if is_wrong { " WRONG" } else { "" }));
        row.push(line.remark.to_owned());
        table.row(row);
    }
    let messages = workload.cases.first().map_or(0, |case| case.messages);
    table.print(&format!("Engine on {}: {messages} messages, one thread\n  {}", workload.name, workload.about));
    match workload.mismatches {
        Some(mismatches) => println!(
            "  Compared with the expected reports, message by message: {mismatches} mismatches of the engine; its {} trades \
             are right.",
            workload.trades
        ),
        None if workload.trades > 0 && figures.iter().any(|line| !is_ours(line)) => {
            println!("  No expected reports: the engine's own count of trades is taken as right.");
        }
        None => {}
    }
    println!("  {} Latencies hold one reading of the clock each, {timer_cost_ns} ns here.", workload.told);
    for line in figures {
        if let Some(aim) = line.aim {
            let median = line.commands_per_cpu_second.median;
            let word = if median >= aim { "reached" } else { "missed" };
            let (aim, median) = (aim / 1e6, median / 1e6);
            println!("  Aim of {aim} million for {}: {word} ({median:.2} million).", line.contender);
        }
    }
    println!();
}
