//! The coin list in SQL, and in memory for a few seconds.

use std::sync::Arc;

use db::Db;
use parking_lot::Mutex;

use crate::store::list as store;
use crate::{Coin, Error, MAX_COINS};

/// How long a list that was read is believed: an import by another process shows after so long.
pub const CACHE_SECONDS: u64 = 5;

/// A list with the time at which it was read.
type Cached = Option<(u64, Arc<[Coin]>)>;

/// The coin list. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Coins {
    db: Db,
    cached: Arc<Mutex<Cached>>,
}

impl Coins {
    /// The list in this database.
    pub fn new(db: Db) -> Self {
        Self { db, cached: Arc::default() }
    }

    /// Writes coins over those that are there; all or none. They survive a loss of power.
    ///
    /// # Errors
    /// [`Error::Coin`], [`Error::TooManyCoins`], or the database's.
    pub async fn import(&self, coins: &[Coin], now_us: u64) -> Result<(), Error> {
        self.put(coins, now_us, true).await
    }

    /// Writes the coins that are not there yet.
    ///
    /// # Errors
    /// As [`Coins::import`].
    pub async fn seed(&self, coins: &[Coin], now_us: u64) -> Result<(), Error> {
        self.put(coins, now_us, false).await
    }

    async fn put(&self, coins: &[Coin], now_us: u64, over: bool) -> Result<(), Error> {
        let write = self.db.begin().await?;
        for coin in coins {
            let mut coin = coin.clone();
            coin.complete()?;
            store::put(&write, row(coin, now_us)?, over).await?;
        }
        if store::count(&write).await? > MAX_COINS as u64 {
            return Err(Error::TooManyCoins);
        }
        write.commit().await?;
        self.db.make_durable().await?;
        *self.cached.lock() = None;
        Ok(())
    }

    /// Takes a coin off the list; its asset stays. `false`: it was not there.
    ///
    /// # Errors
    /// The database's.
    pub async fn remove(&self, symbol: &str) -> Result<bool, Error> {
        let write = self.db.begin().await?;
        let removed = store::remove(&write, symbol).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        *self.cached.lock() = None;
        Ok(removed)
    }

    /// All coins, by symbol; read from SQL at most every [`CACHE_SECONDS`], by a clock that never goes back.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a row that cannot be read, or the database's.
    pub async fn list(&self, monotonic_us: u64) -> Result<Arc<[Coin]>, Error> {
        let known = self.cached.lock().clone();
        if let Some((read_at, coins)) = known
            && monotonic_us.saturating_sub(read_at) < CACHE_SECONDS * 1_000_000
        {
            return Ok(coins);
        }
        let rows = store::all(self.db.read(), MAX_COINS as u64).await?;
        let coins: Result<Vec<Coin>, Error> = rows.into_iter().map(coin).collect();
        let coins: Arc<[Coin]> = coins?.into();
        *self.cached.lock() = Some((monotonic_us, Arc::clone(&coins)));
        Ok(coins)
    }
}

fn row(coin: Coin, now_us: u64) -> Result<store::Model, Error> {
    let unusable = |error: serde_json::Error| Error::File(error.to_string());
    Ok(store::Model {
        links: serde_json::to_string(&coin.links).map_err(unusable)?,
        networks: serde_json::to_string(&coin.networks).map_err(unusable)?,
        symbol: coin.symbol,
        name: coin.name,
        description: coin.description,
        precision: coin.precision.into(),
        precision_text: coin.precision_text,
        icon: coin.icon,
        coinmarketcap_id: coin.coinmarketcap_id.map(i64::from),
        // SQL has no unsigned integers; the largest signed one is in the year 294,247.
        updated_us: i64::try_from(now_us).unwrap_or(i64::MAX),
    })
}

fn coin(row: store::Model) -> Result<Coin, Error> {
    let unusable = |what: &str| Error::Unusable { symbol: row.symbol.clone(), what: what.to_owned() };
    Ok(Coin {
        links: serde_json::from_str(&row.links).map_err(|_| unusable("its links are no JSON"))?,
        networks: serde_json::from_str(&row.networks).map_err(|_| unusable("its networks are no JSON"))?,
        precision: u8::try_from(row.precision).map_err(|_| unusable("its precision is out of range"))?,
        coinmarketcap_id: row
            .coinmarketcap_id
            .map(|id| u32::try_from(id).map_err(|_| unusable("its number is out of range")))
            .transpose()?,
        symbol: row.symbol.clone(),
        name: row.name,
        description: row.description,
        precision_text: row.precision_text,
        icon: row.icon,
    })
}
