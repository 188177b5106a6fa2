//! `sim --seeds N`: runs many seeds, and names the first that fails with the command that repeats it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on its terminal")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use clap::Parser;
use simulator::{Coverage, Failure, Summary, run, shrink};

/// Runs the engine against its naive twin and the auditor on many seeds.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed; the others follow it.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Commands in each run.
    #[arg(long, default_value_t = 2_000)]
    commands: u64,
}

/// How many shortened runs are tried of one that failed.
const TRIES: u32 = 2_000;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match all(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(failure, arguments.commands);
            ExitCode::FAILURE
        }
    }
}

fn tell(failure: Failure, commands: u64) {
    let seed = failure.seed;
    eprintln!("FAILED {failure}");
    // Shortened runs may stop with a panic, each of which would be told.
    std::panic::set_hook(Box::new(|_| {}));
    let least = shrink(failure, TRIES);
    eprintln!("\nThe fewest commands found that fail, with their times in microseconds:");
    for recorded in &least.recorded {
        let envelope = &recorded.envelope;
        eprintln!("  {} {}/{} {:?}", recorded.time, envelope.source, envelope.source_seq, envelope.command);
    }
    eprintln!("They fail by: {}", least.message);
    eprintln!("\nRepeat it with:");
    eprintln!("  cargo run --release -p simulator --bin sim -- --seeds 1 --first-seed {seed} --commands {commands}");
}

/// Runs the seeds on all processors; the failure with the lowest seed among those found is told.
fn all(arguments: &Arguments) -> Result<(), Failure> {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (results, inbox) = mpsc::channel::<Result<Summary, Failure>>();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (results, next, stop) = (results.clone(), &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= arguments.seeds {
                        break;
                    }
                    let result = run(arguments.first_seed.wrapping_add(number), arguments.commands);
                    stop.fetch_or(result.is_err(), Ordering::Relaxed);
                    if results.send(result).is_err() {
                        break;
                    }
                }
            });
        }
        drop(results);
        report(&inbox, arguments.seeds)
    })
}

fn report(inbox: &mpsc::Receiver<Result<Summary, Failure>>, seeds: u64) -> Result<(), Failure> {
    let mut coverage = Coverage::default();
    let (mut done, mut commands, mut restarts) = (0u64, 0, 0);
    let mut failures: Vec<Failure> = Vec::new();
    for result in inbox {
        match result {
            Ok(summary) => {
                done += 1;
                commands += summary.commands;
                restarts += summary.restarts;
                coverage.add(&summary.coverage);
                if done.is_multiple_of(seeds.div_ceil(20)) {
                    println!("{done}/{seeds} seeds, {commands} commands, {} trades", coverage.trades());
                }
            }
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(failure) = failures.into_iter().min_by_key(|failure| failure.seed) {
        return Err(failure);
    }
    for (what, count) in coverage.counts() {
        println!("{count:>12}  {what}");
    }
    let (trades, rejections) = (coverage.trades(), coverage.rejections());
    println!("{done} seeds hold: {commands} commands, {trades} trades, {rejections} rejections, {restarts} restarts");
    match coverage.missing() {
        missing if missing.is_empty() => println!("everything was reached"),
        missing => println!("not reached: {}", missing.join(", ")),
    }
    Ok(())
}
