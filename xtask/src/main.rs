#![doc = include_str!("../README.md")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool reports on its terminal")]

mod clients;
mod machine;
mod servers;
mod setup;
mod soak;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own tools")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the rules that the compiler cannot
    Tidy {
        /// Lower the recorded lengths in xtask/ratchet.toml to what stands, and drop those that are no longer needed
        #[arg(long)]
        update: bool,
        /// Record the present length of this file and of its functions as an exception
        #[arg(long, value_name = "PATH")]
        add: Vec<String>,
    },
    /// Install, or name, what the tests need from the machine
    Setup,
    /// Run every check and every test
    Test {
        /// Leave out the client scripts (they need PyPI and npm the first time)
        #[arg(long)]
        skip_clients: bool,
    },
    /// Drive a real exchange with unmodified clients
    Clients {
        /// Run only the clients of these directories of tests/clients
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
        /// Use this binary instead of building one
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
        /// Install the clients and stop
        #[arg(long)]
        prepare: bool,
    },
    /// Drive a real exchange for a long time with honest and hostile clients, and watch its health
    Soak {
        /// How long, with release binaries
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// A minute, with debug binaries and shorter deadlines
        #[arg(long, conflicts_with = "minutes")]
        short: bool,
        /// Use this binary of the exchange instead of building one
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Tidy { update, add } => tidy::run(update, &add),
        Command::Setup => setup::run(),
        Command::Test { skip_clients } => test::run(skip_clients),
        Command::Soak { minutes, short, binary } => soak::run((!short).then_some(minutes), binary),
        Command::Clients { only, binary, prepare } => clients::run(&clients::Options { only, binary, prepare }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
