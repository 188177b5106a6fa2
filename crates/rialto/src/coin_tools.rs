//! `rialto coins`: the operator's tools for the coin list.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::desk::Place;
use crate::import::read_file;

/// Looks after the coin list.
#[derive(Debug, Args)]
pub(crate) struct Coins {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Writes the coins of a file in TOML or JSON over those that are there; an exchange that runs shows them within seconds
    Import {
        /// One `[[coin]]` for each
        file: PathBuf,
    },
    /// Prints the list
    Show,
    /// Takes a coin off the list; its asset stays
    Remove {
        /// The asset's symbol
        symbol: String,
    },
}

/// Runs the tool. `false`: there was no such coin.
pub(crate) fn run(args: &Coins) -> anyhow::Result<bool> {
    args.place.work(async |desk| act(&coins::Coins::new(desk.db.clone()), &args.action, desk.now_us).await)
}

async fn act(list: &coins::Coins, action: &Action, now_us: u64) -> anyhow::Result<bool> {
    match action {
        Action::Import { file } => {
            let coins = coins::parse_file(&read_file(file)?)?;
            list.import(&coins, now_us).await?;
            println!("{} coins imported", coins.len());
        }
        Action::Show => {
            for coin in list.list(0).await?.iter() {
                println!("{:<12} {} ({} decimals: {})", coin.symbol, coin.name, coin.precision, coin.precision_text);
            }
        }
        Action::Remove { symbol } => {
            let removed = list.remove(symbol).await?;
            println!("{}", if removed { "removed" } else { "there is no such coin" });
            return Ok(removed);
        }
    }
    Ok(true)
}
