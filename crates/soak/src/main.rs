#![doc = include_str!("../README.md")]
#![allow(
    clippy::float_arithmetic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool of the terminal that measures time; its figures are no money"
)]

mod calibration;
mod exchange;
mod grpc;
mod health;
mod honest;
mod hostile;
mod http;
mod key;
mod money;
mod run;
mod terms;
mod websocket;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Drives the exchange for a long time with honest and hostile clients, and watches its health.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program
    #[arg(long, value_name = "FILE")]
    rialto: PathBuf,
    /// How long
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(3..=10_080))]
    minutes: u64,
    /// Under a minute, with shorter deadlines: tells whether the soak itself works
    #[arg(long, conflicts_with = "minutes")]
    short: bool,
    /// Requests per second of the honest traders, instead of half of the highest load
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rate: Option<u64>,
    /// Only the kinds of hostile clients whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Folder for the figures and the data of the exchange; on a real disk, not in memory
    #[arg(long, default_value = "target/soak")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terms = if arguments.short { terms::Terms::short() } else { terms::Terms::of(arguments.minutes) };
    let plan =
        run::Plan { program: arguments.rialto, terms, rate: arguments.rate, only: arguments.only, out: arguments.out };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(until_signal(run::run(&plan))));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Gives up on a signal: what was started is dropped, and the exchange with it. Left alone it would go on for ever.
async fn until_signal(run: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        outcome = run => outcome,
        _ = terminate.recv() => anyhow::bail!("given up on SIGTERM"),
        _ = interrupt.recv() => anyhow::bail!("given up on SIGINT"),
    }
}
