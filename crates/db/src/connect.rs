//! Connections: a reading and a writing side.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use crate::Error;

/// How long SQLite waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Memory for the pages that a transaction of SQLite changes.
const WRITE_CACHE_KIB: u32 = 32 << 10;

/// How often, and how long apart, opening SQLite's file is tried while others open it: WAL mode is set under an exclusive lock that the
/// busy timeout does not cover.
const OPEN_ATTEMPTS: u32 = 100;
const OPEN_PAUSE: Duration = Duration::from_millis(50);

/// Which database stands behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// SQLite in a file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Bounds of the connections.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections for reading, at most.
    pub read_connections: u32,
    /// Connections for writing to PostgreSQL, at most. SQLite has one.
    pub write_connections: u32,
    /// How long to wait for a free connection; then the call fails with a transient error.
    pub acquire_timeout: Duration,
    /// How long PostgreSQL works on one statement before it gives up.
    pub statement_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            read_connections: 4,
            write_connections: 4,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    backend: Backend,
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// SQLite's file.
    file: Option<PathBuf>,
}

impl Db {
    /// Opens the database at `url`: `sqlite://FILE`, made with its directory if missing, or `postgres://USER:PASSWORD@HOST/NAME`.
    ///
    /// # Errors
    /// [`Error::Address`] for any other address, SQLite in memory included; [`Error::Connect`] if it cannot be opened within a few seconds.
    pub async fn connect(url: &str, options: &Options) -> Result<Self, Error> {
        if url.starts_with("sqlite:") {
            return Self::connect_sqlite(url, options).await;
        }
        // SeaORM knows one of the two names of the scheme only.
        match url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://")) {
            Some(rest) => Self::connect_postgres(&format!("postgres://{rest}"), options).await,
            None => Err(Error::Address("it must begin with sqlite:// or postgres://".into())),
        }
    }

    async fn connect_sqlite(url: &str, options: &Options) -> Result<Self, Error> {
        let file = sqlite_file(url)?;
        if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            std::fs::create_dir_all(directory)
                .map_err(|error| Error::Address(format!("{} cannot be made: {error}", directory.display())))?;
        }
        let mut write = ConnectOptions::new(url);
        bound(&mut write, 1, options)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false);
        write.map_sqlx_sqlite_opts(|sqlite| {
            let sqlite = sqlite.create_if_missing(true).foreign_keys(true).busy_timeout(BUSY_TIMEOUT);
            let sqlite = sqlite.pragma("journal_mode", "WAL").pragma("synchronous", "NORMAL");
            // The copies of pages that undo a single statement stay in memory, and so do the pages of a large transaction: otherwise
            // they are written to files, some of them many times.
            sqlite.pragma("temp_store", "MEMORY").pragma("cache_size", format!("-{WRITE_CACHE_KIB}"))
        });
        // The writer first: it makes the file and sets WAL mode, which stays with the file.
        let write = open(write).await?;
        let mut read = ConnectOptions::new(url);
        bound(&mut read, options.read_connections, options)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false);
        read.map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(BUSY_TIMEOUT).pragma("query_only", "ON"));
        let read = open(read).await?;
        Ok(Self { backend: Backend::Sqlite, read, write, file: Some(file) })
    }

    async fn connect_postgres(url: &str, options: &Options) -> Result<Self, Error> {
        let mut write = ConnectOptions::new(url);
        bound(&mut write, options.write_connections, options).statement_timeout(options.statement_timeout);
        write.set_application_name("rialto");
        let mut read = write.clone();
        read.max_connections(options.read_connections);
        read.map_sqlx_postgres_opts(|postgres| postgres.options([("default_transaction_read_only", "on")]));
        // The driver waits for a server that starts, for the acquire timeout.
        let write = Database::connect(write).await.map_err(Error::Connect)?;
        let read = Database::connect(read).await.map_err(Error::Connect)?;
        Ok(Self { backend: Backend::Postgres, write, read, file: None })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The reading side. It refuses to write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a transaction that may write; `commit` ends it, dropping it rolls it back. On SQLite it waits for its turn and then
    /// holds the only write lock, so do nothing slow inside.
    ///
    /// # Errors
    /// A transient error if no connection, or on SQLite no lock, is free in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(immediate).await?)
    }

    /// Makes everything committed so far survive a loss of power. PostgreSQL has done so at the commit; for SQLite this syncs the log of
    /// its file (see the crate's rules). Call it when a row that cannot be rebuilt has been committed, before telling anybody.
    ///
    /// # Errors
    /// [`Error::Sync`]: what was committed may be lost, so do not acknowledge it.
    pub async fn make_durable(&self) -> Result<(), Error> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        let synced = tokio::task::spawn_blocking(move || sync_sqlite(&file)).await;
        synced.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(Error::Sync)
    }

    /// Asks the database for an answer, on both sides.
    ///
    /// # Errors
    /// Whatever keeps it from answering.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read.ping().await?;
        // SQLite's only writer may be busy for a while, which is no fault.
        if self.backend == Backend::Postgres {
            self.write.ping().await?;
        }
        Ok(())
    }

    /// Closes all connections, of clones too. Transactions under way are waited for.
    ///
    /// # Errors
    /// [`Error::Statement`] if the driver says so; the connections are gone all the same.
    pub async fn close(&self) -> Result<(), Error> {
        self.read.close_by_ref().await?;
        Ok(self.write.close_by_ref().await?)
    }
}

fn bound<'a>(connect: &'a mut ConnectOptions, connections: u32, options: &Options) -> &'a mut ConnectOptions {
    // Statements are not logged: their values would bring account data into the logs.
    connect.max_connections(connections).acquire_timeout(options.acquire_timeout).sqlx_logging(false)
}

async fn open(sqlite: ConnectOptions) -> Result<DatabaseConnection, Error> {
    let mut attempt = 1;
    loop {
        match Database::connect(sqlite.clone()).await.map_err(Error::Connect) {
            Err(error) if error.is_transient() && attempt < OPEN_ATTEMPTS => {
                tokio::time::sleep(OPEN_PAUSE).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

fn sqlite_file(url: &str) -> Result<PathBuf, Error> {
    let options: SqliteConnectOptions = url.parse().map_err(|error| Error::Address(format!("{error}")))?;
    let file = options.get_filename();
    // In memory every connection would have a database of its own.
    if url.contains(":memory:") || url.contains("mode=memory") || file.as_os_str().is_empty() {
        return Err(Error::Address("SQLite needs a file: sqlite://FILE".into()));
    }
    Ok(file.to_owned())
}

/// SQLite in WAL mode writes a commit to the end of its log. The log is missing when it was just taken into the file, which is
/// synced then.
fn sync_sqlite(file: &Path) -> std::io::Result<()> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    match std::fs::File::open(log) {
        Ok(log) => log.sync_data()?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => std::fs::File::open(file)?.sync_all()?,
        Err(error) => return Err(error),
    }
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(directory)?.sync_all()
}
