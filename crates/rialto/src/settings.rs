//! From the program's settings to those of its parts.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use db::Db;
use limits::{Limits, Rules};
use runtime::clock::Clock;
use runtime::config::Settings;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;
use secrets::Secrets;

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

/// Opens the source of secrets, puts them in the place of their names in the settings, and gives the key that seals what goes to the
/// database: the source's, or that of the data directory, which is made at the first start.
pub(crate) async fn open_secrets(
    settings: &mut Settings,
    random: &dyn Random,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<SealingKey> {
    let data = settings.store.data_dir.clone();
    let secrets = Secrets::open(&settings.secrets, &data, clock).await?;
    secrets.resolve(settings).await?;
    match secrets.sealing_key().await? {
        Some(key) => Ok(key),
        None => Ok(SealingKey::load_or_create(&data, random)?),
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
    let migrations = [
        jobs::migrations(),
        identity::migrations(),
        idempotency::migrations(),
        mail::migrations(),
        projections::migrations(),
        transfers::migrations(),
        coins::migrations(),
        markettime::migrations(),
    ];
    db::migrate(&db, &migrations).await?;
    Ok(db)
}

/// Counters of what clients use, in memory or in the Redis of the settings. Must be called inside a Tokio runtime.
pub(crate) fn limits(settings: &Settings) -> anyhow::Result<Limits> {
    let limits = &settings.limits;
    let rules = Rules {
        weight_per_minute: limits.weight_1m,
        orders_per_ten_seconds: limits.orders_10s,
        orders_per_day: limits.orders_1d,
        refusals_before_ban: limits.refusals_before_ban,
        max_counted: limits.max_counted,
    };
    match &limits.redis_url {
        None => Ok(Limits::local(rules)),
        Some(url) => {
            Limits::shared(rules, url.expose(), limits.redis_timeout()).context("limits.redis_url cannot be used")
        }
    }
}
