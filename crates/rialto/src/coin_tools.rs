//! `rialto coins`: the operator's tools for the coin list.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use runtime::clock::{Clock, SystemClock};
use runtime::config::Settings;

use crate::import::read_file;
use crate::settings::open_database;

/// Looks after the coin list.
#[derive(Debug, Args)]
pub(crate) struct Coins {
    #[command(subcommand)]
    action: Action,
    /// Folder of the embedded store (setting store.data_dir)
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Settings file
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
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
    let mut settings = Settings::load(args.config.as_deref())?;
    if let Some(data) = &args.data {
        settings.store.data_dir.clone_from(data);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let db = open_database(&settings).await?;
        let list = coins::Coins::new(db.clone());
        let found = act(&list, &args.action).await?;
        db.close().await?;
        Ok(found)
    })
}

async fn act(list: &coins::Coins, action: &Action) -> anyhow::Result<bool> {
    match action {
        Action::Import { file } => {
            let coins = coins::parse_file(&read_file(file)?)?;
            list.import(&coins, SystemClock::new().now_us()).await?;
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
