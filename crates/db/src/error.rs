//! Errors of the database, and which of them pass.

use sea_orm::sqlx;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr};

/// What can go wrong with the database. The texts are for operators and logs: they hold SQL details, but no secret of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not one of a database that we work with.
    #[error("database address: {0}")]
    Address(String),
    /// The database cannot be reached or opened.
    #[error("cannot connect to the database: {0}")]
    Connect(#[source] DbErr),
    /// A crate's migrations do not apply.
    #[error("migrations of {owner}: {source}")]
    Migration {
        /// The crate's table prefix.
        owner: &'static str,
        /// What the database said.
        source: DbErr,
    },
    /// The database file could not be made durable.
    #[error("the database file cannot be synced: {0}")]
    Sync(#[source] std::io::Error),
    /// A statement failed.
    #[error("database: {0}")]
    Statement(#[from] DbErr),
}

impl Error {
    /// Whether the same transaction may succeed when it is tried again: the database was busy, restarting or out of reach, or the
    /// transaction lost against another. Anything else fails again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Address(_) | Self::Sync(_) => false,
            Self::Connect(error) | Self::Statement(error) | Self::Migration { source: error, .. } => {
                is_transient(error)
            }
        }
    }

    /// Whether a row with the same unique key exists already.
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Statement(error) => matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))),
            _ => false,
        }
    }
}

fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match &**error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                match error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                    Some(_) => passes_on_postgres(&code),
                    None => passes_on_sqlite(&code),
                }
            }
            _ => false,
        },
        _ => false,
    }
}

/// SQLSTATE, PostgreSQL documentation, appendix A: connection exceptions, serialization failure, deadlock, insufficient
/// resources, lock not available, query cancelled by a timeout, and a server that stops or starts.
fn passes_on_postgres(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || matches!(code, "40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P02" | "57P03")
}

/// The primary code is the low byte (<https://www.sqlite.org/rescode.html>): 5 is SQLITE_BUSY, 6 is SQLITE_LOCKED.
fn passes_on_sqlite(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart() {
        for code in ["5", "517", "261", "6", "262"] {
            assert!(passes_on_sqlite(code), "{code}");
        }
        for code in ["1", "11", "19", "2067", "1555", "", "HY000"] {
            assert!(!passes_on_sqlite(code), "{code}");
        }
        for code in ["40001", "40P01", "08006", "53300", "57P03"] {
            assert!(passes_on_postgres(code), "{code}");
        }
        for code in ["23505", "42P01", "22003", ""] {
            assert!(!passes_on_postgres(code), "{code}");
        }
    }
}
