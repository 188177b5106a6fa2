//! From the program's settings to those of its parts.

use std::path::PathBuf;

use db::Db;
use runtime::config::Settings;

/// Folder of the journal and its snapshots.
pub(crate) fn journal_directory(settings: &Settings) -> PathBuf {
    settings.store.data_dir.join("journal")
}

/// Settings of the node.
pub(crate) fn node_config(settings: &Settings) -> node::Config {
    node::Config {
        journal: journal::Config { segment_bytes: settings.journal.segment_bytes, ..journal::Config::default() },
        queue_commands: settings.node.queue_commands,
        batch_commands: settings.node.batch_commands,
        fan_out_batches: settings.node.fan_out_batches,
        snapshot_every_commands: settings.journal.snapshot_every_commands,
        keep_snapshots: settings.journal.keep_snapshots,
        retain_segments: settings.journal.retain_segments,
        ..node::Config::new(journal_directory(settings))
    }
}

/// Connects to the database and brings its tables up to date.
pub(crate) async fn open_database(settings: &Settings) -> anyhow::Result<Db> {
    let options = db::Options {
        read_connections: settings.store.read_connections,
        write_connections: settings.store.write_connections,
        ..db::Options::default()
    };
    let db = Db::connect(settings.store.database_url().expose(), &options).await?;
    let migrations = [identity::migrations(), projections::migrations(), coins::migrations(), markettime::migrations()];
    db::migrate(&db, &migrations).await?;
    Ok(db)
}
