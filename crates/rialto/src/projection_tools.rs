//! `rialto projections`: the operator's tools for the read models.

use std::sync::Arc;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use model::Sequence;
use node::Follower;
use projections::{Projector, fingerprint};

use crate::desk::{Desk, Place};
use crate::settings::journal_directory;

/// Looks after the read models in SQL.
#[derive(Debug, Args)]
pub(crate) struct Projections {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Empties the read models and makes them anew from the journal; the exchange must not run meanwhile
    Rebuild,
    /// Prints rows and a hash of each read model, to compare two of them
    Fingerprint,
}

/// Runs the tool.
pub(crate) fn run(projections: &Projections) -> anyhow::Result<bool> {
    projections.place.work(async |desk| {
        if let Action::Rebuild = projections.action {
            rebuild(desk).await?;
        }
        println!("{}", fingerprint(&desk.db).await?);
        Ok(true)
    })
}

async fn rebuild(desk: &Desk) -> anyhow::Result<()> {
    let Desk { settings, db, .. } = desk;
    let directory = journal_directory(settings);
    // Taking the writer's lock keeps a running exchange out, and checks the journal.
    let (lock, report) = journal::Journal::open(&directory, crate::settings::node_config(settings).journal)?;
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
    Ok(())
}
