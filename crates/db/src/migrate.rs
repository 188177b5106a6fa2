//! Migrations of all crates, safe when several processes start at once.

use std::time::Duration;

use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DynIden};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

use crate::{Backend, Db, Error};

/// Names our lock among PostgreSQL's advisory locks: the bytes of "rialto m".
const ADVISORY_LOCK: i64 = 0x7269_616c_746f_206d;

/// How often the lock of SQLite is tried, each time for its busy timeout.
const LOCK_ATTEMPTS: u32 = 12;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// The migrations of one crate.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// The prefix of the crate's tables, without the underscore. Its record of applied migrations is `<owner>_migrations`.
    pub owner: &'static str,
    /// The migrations, oldest first. What was released is never changed, only added to.
    pub list: fn() -> Vec<Box<dyn MigrationTrait>>,
}

impl MigratorTraitSelf for Migrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.list)()
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(format!("{}_migrations", self.owner)).into_iden()
    }
}

/// Applies what is missing of every list, in one transaction: all or nothing. Whoever comes second waits and finds nothing to do.
///
/// # Errors
/// [`Error::Migration`] if one fails, or if the database has one that this program does not know: it belongs to a newer version.
/// A transient error if the lock is not free within two minutes.
pub async fn migrate(db: &Db, crates: &[Migrations]) -> Result<(), Error> {
    let locked = lock(db).await?;
    for migrations in crates {
        let failed = |source| Error::Migration { owner: migrations.owner, source };
        let missing = migrations.get_pending_migrations(&locked).await.map_err(failed)?.len();
        migrations.up(&locked, None).await.map_err(failed)?;
        if missing > 0 {
            tracing::info!(owner = migrations.owner, applied = missing, "the tables are of this version now");
        }
    }
    locked.commit().await?;
    db.make_durable().await
}

async fn lock(db: &Db) -> Result<DatabaseTransaction, Error> {
    if db.backend() == Backend::Postgres {
        let transaction = db.begin().await?;
        // A migration may take longer than any other statement; waiting for another process's migrations may not take for ever.
        let sql = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '120s'";
        transaction.execute_unprepared(sql).await?;
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).await?;
        return Ok(transaction);
    }
    let mut attempt = 1;
    loop {
        // BEGIN IMMEDIATE is the lock.
        match db.begin().await {
            Err(error) if error.is_transient() && attempt < LOCK_ATTEMPTS => {
                tokio::time::sleep(LOCK_PAUSE).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}
