//! `rialto journal`: the operator's tools for the journal.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use runtime::config::Settings;

use crate::settings::journal_directory;

/// Looks after the journal.
#[derive(Debug, Args)]
pub(crate) struct Journal {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Reads every segment and snapshot and names what is damaged; changes nothing
    Verify {
        /// Folder of the embedded store (setting store.data_dir)
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Settings file
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// `true` when the journal is sound.
pub(crate) fn run(journal: &Journal) -> anyhow::Result<bool> {
    let Action::Verify { data, config } = &journal.action;
    let mut settings = Settings::load(config.as_deref())?;
    if let Some(data) = data {
        settings.store.data_dir.clone_from(data);
    }
    let report = journal::verify(&journal_directory(&settings))?;
    print_report(&report);
    Ok(report.is_sound())
}

fn print_report(report: &journal::VerifyReport) {
    let range = match (report.first_sequence, report.last_sequence) {
        (Some(first), Some(last)) => format!("commands {first} to {last}"),
        _ => "no command".to_owned(),
    };
    let (segments, batches, bytes, snapshots) = (report.segments, report.batches, report.bytes, report.snapshots);
    println!("{range} in {batches} batches, {bytes} bytes, {segments} segments; {snapshots} snapshots");
    if let Some(torn) = &report.torn {
        println!("the last write had not finished and will be cut at the next start: {torn:?}");
    }
    for problem in &report.problems {
        println!("{} at offset {}: {}", problem.file.display(), problem.offset, problem.cause);
    }
    println!("{}", if report.is_sound() { "sound" } else { "DAMAGED" });
}
