//! Databases for tests: each is new, empty and one's own.

mod postgres;

use tempfile::TempDir;

use crate::{Db, Options};

/// A database that lasts as long as this value.
#[derive(Debug)]
pub struct TestDb {
    /// The open database, without any table.
    pub db: Db,
    url: String,
    _directory: Option<TempDir>,
}

impl TestDb {
    /// Its address, for opening it again or from another process.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn open(url: String, directory: Option<TempDir>) -> Self {
        let db = Db::connect(&url, &Options::default()).await.expect("a new test database can be opened");
        Self { db, url, _directory: directory }
    }
}

/// A database in SQLite, in a file of a temporary directory.
pub async fn sqlite() -> TestDb {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let url = format!("sqlite://{}/test.db", directory.path().display());
    TestDb::open(url, Some(directory)).await
}

/// A database in PostgreSQL, in a private server that this process shares among its tests. The server runs from the machine's
/// binaries, listens on a socket in a temporary directory only, and ends with this process, however that ends.
///
/// # Panics
/// With the name of the Debian package if the binaries are missing, and with the server's log if it does not start.
pub async fn postgres() -> TestDb {
    TestDb::open(postgres::create_database().await, None).await
}

/// Runs each test on SQLite and on PostgreSQL: `async fn name(test: &TestDb) { … }` becomes `name::sqlite` and `name::postgres`.
///
/// ```
/// db::on_each_database! {
///     async fn answers(test: &TestDb) {
///         test.db.ping().await.unwrap();
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_each_database {
    ($($(#[$attribute:meta])* async fn $name:ident($test:ident: &TestDb) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing of its file")]
            use super::*;

            $(#[$attribute])*
            async fn check($test: &$crate::testing::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check(&$crate::testing::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check(&$crate::testing::postgres().await).await;
            }
        }
    )+};
}
