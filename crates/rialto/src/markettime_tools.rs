//! `rialto markettime`: the operator's tools for the schedules of markets.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use markettime::{Schedules, Stored};
use model::Timestamp;

use crate::desk::Place;
use crate::import::read_file;

/// Looks after the schedules of markets.
#[derive(Debug, Args)]
pub(crate) struct Markettime {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Puts the schedules of a file in TOML into force, each over the one that its market has; an exchange that runs follows
    /// within seconds
    Import {
        /// One `[[market]]` for each
        file: PathBuf,
    },
    /// Prints schedules as the TOML that makes them
    Show {
        /// Of this market only
        symbol: Option<String>,
    },
    /// Prints what each schedule says now, and its next changes
    Next {
        /// Of this market only
        symbol: Option<String>,
        /// How many changes
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
        changes: u16,
    },
    /// Takes a market's schedule away; the market keeps its state
    Remove {
        /// The market
        symbol: String,
    },
}

/// Runs the tool. `false`: there was no such schedule.
pub(crate) fn run(args: &Markettime) -> anyhow::Result<bool> {
    args.place.work(async |desk| {
        let schedules = Schedules::new(desk.db.clone());
        act(&schedules, &args.action, Timestamp(desk.now_us)).await
    })
}

async fn act(schedules: &Schedules, action: &Action, now: Timestamp) -> anyhow::Result<bool> {
    match action {
        Action::Import { file } => {
            let rules = markettime::parse_file(&read_file(file)?)?;
            schedules.import(&rules, now).await?;
            println!("{} schedules imported", rules.len());
        }
        Action::Show { symbol } => {
            let found = find(schedules, symbol.as_deref()).await?;
            let is_there = !found.is_empty() || symbol.is_none();
            print!("{}", markettime::write_file(found.into_iter().map(|stored| stored.rules).collect())?);
            return Ok(is_there);
        }
        Action::Next { symbol, changes } => {
            let found = find(schedules, symbol.as_deref()).await?;
            for stored in &found {
                print_changes(stored, now, *changes);
            }
            return Ok(!found.is_empty() || symbol.is_none());
        }
        Action::Remove { symbol } => {
            let removed = schedules.remove(symbol).await?;
            println!("{}", if removed { "removed" } else { "the market has no schedule" });
            return Ok(removed);
        }
    }
    Ok(true)
}

async fn find(schedules: &Schedules, symbol: Option<&str>) -> anyhow::Result<Vec<Stored>> {
    let mut found = schedules.list().await?;
    if let Some(symbol) = symbol {
        found.retain(|stored| stored.rules.symbol == symbol);
        if found.is_empty() {
            eprintln!("{symbol} has no schedule");
        }
    }
    Ok(found)
}

fn print_changes(stored: &Stored, now: Timestamp, changes: u16) {
    let (schedule, symbol) = (&stored.schedule, &stored.rules.symbol);
    println!("{symbol} {} now", schedule.at(now).state.name());
    let mut at = now;
    for _ in 0..changes {
        let Some(next) = schedule.next_change(at) else {
            println!("{symbol} never changes after that");
            return;
        };
        println!("{symbol} {} from {}", schedule.at(next).state.name(), schedule.local(next));
        at = next;
    }
}
