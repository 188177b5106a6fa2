//! `rialto projections`: the operator's tools for the read models.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use model::Sequence;
use node::Follower;
use projections::{Projector, fingerprint};
use runtime::config::Settings;

use crate::settings::{journal_directory, open_database};

/// Looks after the read models in SQL.
#[derive(Debug, Args)]
pub(crate) struct Projections {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Empties the read models and makes them anew from the journal; the exchange must not run meanwhile
    Rebuild {
        /// Folder of the embedded store (setting store.data_dir)
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Settings file
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Prints rows and a hash of each read model, to compare two of them
    Fingerprint {
        /// Folder of the embedded store (setting store.data_dir)
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Settings file
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// Runs the tool.
pub(crate) fn run(projections: &Projections) -> anyhow::Result<bool> {
    let (Action::Rebuild { data, config } | Action::Fingerprint { data, config }) = &projections.action;
    let mut settings = Settings::load(config.as_deref())?;
    if let Some(data) = data {
        settings.store.data_dir.clone_from(data);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if let Action::Rebuild { .. } = projections.action {
            rebuild(&settings).await?;
        }
        println!("{}", fingerprint(&open_database(&settings).await?).await?);
        Ok(true)
    })
}

async fn rebuild(settings: &Settings) -> anyhow::Result<()> {
    let directory = journal_directory(settings);
    // Taking the writer's lock keeps a running exchange out, and checks the journal.
    let (lock, report) = journal::Journal::open(&directory, crate::settings::node_config(settings).journal)?;
    let db = open_database(settings).await?;
    let mut projector = Projector::open(db.clone()).await?;
    projector.clear().await?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} commands, {per_sec}, {eta} left")?;
    let bar = ProgressBar::new(report.last_sequence).with_style(style);
    let mut follower = Follower::open(&directory, Sequence(0))?;
    loop {
        let batch = follower.take(settings.projections.batch_commands)?;
        if batch.steps.is_empty() {
            break;
        }
        bar.inc(batch.steps.len() as u64);
        projector.apply(&[Arc::new(batch)]).await?;
    }
    bar.finish_and_clear();
    drop(lock);
    db.close().await?;
    Ok(())
}
