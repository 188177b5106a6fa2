//! `rialto replay`: recorded flows through the whole engine, with accounts, ledger and fees on.

mod bitstamp;
mod flash1;
mod host;
mod report;
mod tracebook;

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Which flow to replay, and how.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(subcommand)]
    flow: Flow,
}

#[derive(Debug, Subcommand)]
enum Flow {
    /// The flash1 workload, compared with the reports that a right engine gives
    Flash1 {
        /// Orders file (.bin.zst)
        orders: PathBuf,
        /// Expected reports (.txt.zst)
        #[arg(long)]
        expect: Option<PathBuf>,
        #[command(flatten)]
        options: Options,
    },
    /// A recorded day of Bitstamp BTC/USD
    Bitstamp {
        /// Folder with orders.csv.xz
        folder: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// Answers tracebook-conformance (PyPI) by its adapter protocol, on standard input and output
    Tracebook,
}

#[derive(Debug, Clone, Args)]
struct Options {
    /// Accounts that the orders are spread over
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=4_000_000))]
    accounts: u32,
    /// Send the commands through the node and a journal in this folder; a second run continues where the first ended
    #[arg(long, value_name = "DIR")]
    durable: Option<PathBuf>,
    /// Commands that are submitted together with --durable
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    group: u16,
}

/// Runs a replay; prints one JSON object as the last line (of a flow). `true` when nothing mismatched.
pub(crate) fn run(replay: &Replay) -> anyhow::Result<bool> {
    match &replay.flow {
        Flow::Flash1 { orders, expect, options } => flash1::run(orders, expect.as_deref(), options),
        Flow::Bitstamp { folder, options } => bitstamp::run(folder, options),
        Flow::Tracebook => tracebook::run(std::io::stdin().lock(), std::io::stdout().lock()),
    }
}
