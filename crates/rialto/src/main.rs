#![doc = include_str!("../README.md")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the program: it speaks to the person who started it"
)]

mod adapters;
mod coin_tools;
mod desk;
mod import;
mod journal_tools;
mod key_tools;
mod markettime_tools;
mod people_tools;
mod projection_tools;
mod replay;
mod run;
mod secret_tools;
mod settings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A request takes some dozens of allocations, many freed by another thread than took them: that costs the system's allocator
/// a twelfth of all processor time, and this one half as much.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An open-source exchange and payments platform
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the exchange
    Run(run::Run),
    /// Replays a recorded order flow through the engine
    Replay(replay::Replay),
    /// Looks after the journal
    Journal(journal_tools::Journal),
    /// Looks after API keys
    Keys(key_tools::Keys),
    /// Looks after users
    People(people_tools::People),
    /// Looks after the read models in SQL
    Projections(projection_tools::Projections),
    /// Looks after the coin list
    Coins(coin_tools::Coins),
    /// Looks after the schedules of markets
    Markettime(markettime_tools::Markettime),
    /// Looks after the sealed file of secrets
    Secrets(secret_tools::Secrets),
    /// Prints the reference of all settings
    Settings {
        /// As a TOML file with every default, ready to edit, instead of Markdown
        #[arg(long)]
        toml: bool,
    },
    /// Prints the reference of the REST API, as an OpenAPI document
    Openapi,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Journal(args) => journal_tools::run(&args),
        Command::Keys(args) => key_tools::run(&args),
        Command::People(args) => people_tools::run(&args),
        Command::Projections(args) => projection_tools::run(&args),
        Command::Coins(args) => coin_tools::run(&args),
        Command::Markettime(args) => markettime_tools::run(&args),
        Command::Secrets(args) => secret_tools::run(&args),
        Command::Settings { toml } => {
            let text = if toml { runtime::config::template_toml() } else { runtime::config::reference_markdown() };
            print!("{text}");
            Ok(true)
        }
        Command::Openapi => {
            println!("{:#}", api::openapi::document::document(&api::operations(), &api::native::operations()));
            Ok(true)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
