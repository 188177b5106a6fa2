//! `sim --seeds N`: runs many seeds, and names the first that fails with the command that repeats it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on its terminal")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use simulator::{Coverage, Failure, run, shrink, system};
use tempfile::TempDir;

/// Runs two kinds of simulations on many seeds: the engine against its naive twin and the auditor, and the whole node on
/// a disk that fails.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds of the engine to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// How many seeds of the whole node to run; as many as of the engine when not given.
    #[arg(long)]
    system_seeds: Option<u64>,
    /// The first seed; the others follow it.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Commands in each run of the engine.
    #[arg(long, default_value_t = 2_000)]
    commands: u64,
    /// Commands in each run of the whole node.
    #[arg(long, default_value_t = 600)]
    system_commands: u64,
    /// Parts that the runs of the whole node leave out: power-cuts, kills, failures, damage, relays, readers.
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
}

/// How many shortened runs are tried of one that failed.
const TRIES: u32 = 2_000;
/// How the command that repeats a failure begins.
const REPEAT: &str = "cargo run --release -p simulator --bin sim --";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(unknown) => {
            eprintln!("--without {unknown}: there is no such part");
            return ExitCode::FAILURE;
        }
    };
    if let Err(failure) = engines(&arguments) {
        tell(failure, arguments.commands);
        return ExitCode::FAILURE;
    }
    if let Err(failure) = systems(&arguments, options) {
        tell_system(failure);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn options(arguments: &Arguments) -> Result<system::Options, String> {
    let mut options = system::Options::new(arguments.system_commands);
    for without in &arguments.without {
        let part = options.parts().into_iter().find(|part| part.0 == without);
        *part.ok_or_else(|| without.clone())?.1 = false;
    }
    Ok(options)
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
    eprintln!("\nRepeat it with:\n  {REPEAT} --seeds 1 --system-seeds 0 --first-seed {seed} --commands {commands}");
}

fn tell_system(failure: system::Failure) {
    eprintln!("FAILED {failure}");
    let whole = failure.arguments();
    std::panic::set_hook(Box::new(|_| {}));
    let least = system::shrink(failure, &mut run_system);
    eprintln!("\nThe smallest run found that fails: {least}");
    eprintln!("\nRepeat it with:\n  {REPEAT} {}", least.arguments());
    eprintln!("or as it was found, with:\n  {REPEAT} {whole}");
}

/// Runs seeds on all processors, as far as the first failure; the failure with the lowest seed among those found.
fn seeds<S: Send, F: Send>(
    arguments: &Arguments,
    (what, count): (&'static str, u64),
    run: impl Fn(u64) -> Result<S, F> + Sync,
    mut each: impl FnMut(S),
) -> Result<(), F> {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (results, inbox) = mpsc::channel::<(u64, Result<S, F>)>();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} seeds, {eta} left");
    let bar = ProgressBar::new(count).with_message(what);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (results, next, stop, run) = (results.clone(), &next, &stop, &run);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let seed = arguments.first_seed.wrapping_add(number);
                    let result = run(seed);
                    stop.fetch_or(result.is_err(), Ordering::Relaxed);
                    if results.send((seed, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(results);
        let mut failures = Vec::new();
        for (seed, result) in inbox {
            match result {
                Ok(summary) => {
                    each(summary);
                    bar.inc(1);
                }
                Err(failure) => failures.push((seed, failure)),
            }
        }
        bar.finish_and_clear();
        let first = failures.into_iter().min_by_key(|failure| failure.0);
        first.map_or(Ok(()), |failure| Err(failure.1))
    })
}

fn engines(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.seeds == 0 {
        return Ok(());
    }
    let mut coverage = Coverage::default();
    let (mut done, mut commands, mut restarts) = (0u64, 0, 0);
    let run = |seed| run(seed, arguments.commands);
    seeds(arguments, ("engine", arguments.seeds), run, |summary| {
        done += 1;
        commands += summary.commands;
        restarts += summary.restarts;
        coverage.add(&summary.coverage);
    })?;
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

/// Files in memory, where the system has them: the disk is a model, and the real one would only be worn.
fn folder() -> std::io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}

fn run_system(seed: u64, options: system::Options) -> Result<system::Summary, system::Failure> {
    match folder() {
        Ok(folder) => system::run(seed, options, folder.path()),
        Err(error) => {
            let message = format!("there is no temporary folder: {error}");
            Err(system::Failure { seed, command: 0, message, options })
        }
    }
}

fn systems(arguments: &Arguments, options: system::Options) -> Result<(), system::Failure> {
    let count = arguments.system_seeds.unwrap_or(arguments.seeds);
    if count == 0 {
        return Ok(());
    }
    let mut all = system::Summary::default();
    seeds(arguments, ("system", count), |seed| run_system(seed, options), |summary| all.add(&summary))?;
    for (what, times) in all.counts() {
        println!("{times:>12}  {what}");
    }
    println!("{count} seeds of the whole node hold");
    Ok(())
}
