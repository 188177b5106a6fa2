//! Where an operator's tool works: on the database of the settings, beside a running exchange or without one.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use db::Db;
use runtime::clock::{Clock, SystemClock};
use runtime::config::Settings;
use runtime::entropy::{Random, SystemRandom};
use runtime::secrets::SealingKey;

use crate::settings::{open_database, open_secrets};

/// Which exchange it is.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Folder of the embedded store (setting store.data_dir)
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Settings file
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

/// What a tool works with: the same settings, secrets and tables as the exchange.
pub(crate) struct Desk {
    pub(crate) settings: Settings,
    pub(crate) db: Db,
    pub(crate) sealing: SealingKey,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) now_us: u64,
}

impl Place {
    /// The settings of this exchange; secrets are not in the place of their names yet.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = Settings::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            settings.store.data_dir.clone_from(data);
        }
        settings.check()?;
        Ok(settings)
    }

    /// Opens everything, works, and closes the database.
    pub(crate) fn work(&self, work: impl AsyncFnOnce(&Desk) -> anyhow::Result<bool>) -> anyhow::Result<bool> {
        let mut settings = self.settings()?;
        let data = settings.store.data_dir.clone();
        std::fs::create_dir_all(&data).with_context(|| format!("cannot create the data folder {}", data.display()))?;
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let random: Arc<dyn Random> = Arc::new(SystemRandom::new());
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
            let sealing = open_secrets(&mut settings, &*random, clock.clone()).await?;
            let db = open_database(&settings).await?;
            let desk = Desk { settings, db, sealing, random, now_us: clock.now_us() };
            let done = work(&desk).await?;
            desk.db.close().await?;
            Ok(done)
        })
    }
}
