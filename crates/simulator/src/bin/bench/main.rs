//! `make bench`: the engine beside its peers, the node with its journal on the disk, the doors, and the queue of jobs, in figures.
//!
//! Tables go to standard output, the same figures as JSON and a picture of them to `target/bench/`.

#![allow(
    clippy::float_arithmetic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "figures are no money, they are printed, and time is what is measured"
)]

mod durable;
mod figures;
mod matching;
mod queues;
mod rest;
mod sockets;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the exchange. Without a section, all of them.
#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    hidden: Option<Hidden>,
    /// What to measure
    #[arg(value_enum)]
    sections: Vec<Section>,
    /// Rounds of which the median is shown; 5 when it is not said, 2 in the section sockets
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// Seconds that a case of the sections node, rest, sockets and jobs is measured in each round; 3 when it is not said, 2 in the
    /// section sockets
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: Option<u64>,
    /// Only those workloads of the section engine, cases of the section node, and parts of the section sockets (websocket,
    /// grpc, streams) whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Folder of the recorded flows; RIALTO_SHARED_DATA or ../shared/data otherwise
    #[arg(long)]
    flows: Option<PathBuf>,
    /// The program to measure in the sections rest and sockets, instead of building it
    #[arg(long)]
    rialto: Option<PathBuf>,
    /// Threads of the load generator
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    load_threads: u32,
    /// Folder for the figures and for the journals that are written meanwhile; on a real disk, not in memory
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Hidden {
    /// A bare server that says hello: what the web framework does at most
    #[command(hide = true)]
    Hello,
    /// The engine with many accounts: what it needs of memory
    #[command(hide = true)]
    Memory,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// The engine alone, beside other open order books
    Engine,
    /// The node with its journal, in this process
    Node,
    /// The whole exchange, over HTTP
    Rest,
    /// The whole exchange, over the WebSocket API and gRPC, and its market streams to thousands of sockets
    Sockets,
    /// The queue of jobs in the database, in this process
    Jobs,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    match args.hidden {
        Some(Hidden::Hello) => return rest::hello::serve(),
        Some(Hidden::Memory) => return matching::memory(),
        None => {}
    }
    std::fs::create_dir_all(&args.out)?;
    let machine = figures::Machine::read();
    println!("{machine}\n");
    let all = [Section::Engine, Section::Node, Section::Rest, Section::Sockets, Section::Jobs];
    for section in all {
        if args.sections.is_empty() || args.sections.contains(&section) {
            run(section, &args, &machine)?;
        }
    }
    println!("The figures as JSON are in {}.", args.out.display());
    Ok(())
}

fn run(section: Section, args: &Args, machine: &figures::Machine) -> anyhow::Result<()> {
    // The sockets have many cases, so that few short rounds of them take as long as they should altogether.
    let (rounds, seconds) = if section == Section::Sockets { (2, 2) } else { (5, 3) };
    let (rounds, seconds) = (args.rounds.unwrap_or(rounds), args.seconds.unwrap_or(seconds));
    match section {
        Section::Engine => {
            let flows = args.flows.clone().unwrap_or_else(recorded_flows);
            figures::save(&args.out, "engine", machine, &matching::measure(&flows, rounds, &args.only, &args.out)?)
        }
        Section::Node => {
            let cases = durable::measure(&scratch(&args.out)?, rounds, seconds, &args.only)?;
            figures::save(&args.out, "node", machine, &cases)
        }
        Section::Rest => {
            let options = rest::Options {
                program: args.rialto.clone(),
                directory: scratch(&args.out)?,
                rounds,
                seconds,
                threads: args.load_threads,
            };
            figures::save(&args.out, "rest", machine, &rest::measure(&options)?)
        }
        Section::Jobs => figures::save(&args.out, "jobs", machine, &queues::measure(rounds, seconds)?),
        Section::Sockets => {
            let options = sockets::Options {
                program: args.rialto.clone(),
                directory: scratch(&args.out)?,
                rounds,
                seconds,
                threads: args.load_threads,
                only: args.only.clone(),
            };
            figures::save(&args.out, "sockets", machine, &sockets::measure(&options)?)
        }
    }
}

/// Where the recorded flows lie, beside the checkout or where the environment says.
fn recorded_flows() -> PathBuf {
    std::env::var_os("RIALTO_SHARED_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from)
}

/// An empty folder for what is written only to be measured.
fn scratch(out: &Path) -> anyhow::Result<PathBuf> {
    let path = out.join("tmp");
    if path.exists() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(&path)?;
    Ok(path)
}
