//! `make bench`: the engine beside its peers, the node with its journal on the disk, and the REST door, in figures.
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
mod rest;

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
    /// Rounds of which the median is shown
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Seconds that a case of the sections node and rest is measured in each round
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Only those workloads of the section engine, and cases of the section node, whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Folder of the recorded flows; RIALTO_SHARED_DATA or ../shared/data otherwise
    #[arg(long)]
    flows: Option<PathBuf>,
    /// The program to measure in the section rest, instead of building it
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
    let all = [Section::Engine, Section::Node, Section::Rest];
    for section in all {
        if args.sections.is_empty() || args.sections.contains(&section) {
            run(section, &args, &machine)?;
        }
    }
    println!("The figures as JSON are in {}.", args.out.display());
    Ok(())
}

fn run(section: Section, args: &Args, machine: &figures::Machine) -> anyhow::Result<()> {
    match section {
        Section::Engine => {
            let flows = args.flows.clone().unwrap_or_else(recorded_flows);
            figures::save(&args.out, "engine", machine, &matching::measure(&flows, args.rounds, &args.only, &args.out)?)
        }
        Section::Node => {
            let cases = durable::measure(&scratch(&args.out)?, args.rounds, args.seconds, &args.only)?;
            figures::save(&args.out, "node", machine, &cases)
        }
        Section::Rest => {
            let options = rest::Options {
                program: args.rialto.clone(),
                directory: scratch(&args.out)?,
                rounds: args.rounds,
                seconds: args.seconds,
                threads: args.load_threads,
            };
            figures::save(&args.out, "rest", machine, &rest::measure(&options)?)
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
