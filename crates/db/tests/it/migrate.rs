use db::{Db, Migrations, Options, migrate};
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

struct Sql(&'static str, &'static str);

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.1).await.map(drop)
    }
}

const FIRST: Sql = Sql("m1", "CREATE TABLE demo_rows (id BIGINT PRIMARY KEY)");
const SECOND: Sql = Sql("m2", "INSERT INTO demo_rows VALUES (1)");

const DEMO: Migrations = Migrations { owner: "demo", list: || vec![Box::new(FIRST), Box::new(SECOND)] };
const OLDER: Migrations = Migrations { owner: "demo", list: || vec![Box::new(FIRST)] };
const OTHER: Migrations = Migrations {
    owner: "other",
    list: || vec![Box::new(Sql("m1", "CREATE TABLE other_rows (id BIGINT PRIMARY KEY)"))],
};
const BROKEN: Migrations = Migrations {
    owner: "broken",
    list: || {
        vec![
            Box::new(Sql("m1", "CREATE TABLE broken_rows (id BIGINT PRIMARY KEY)")),
            Box::new(Sql("m2", "CREATE NONSENSE")),
        ]
    },
};

async fn count(db: &Db, table: &str) -> Result<i64, DbErr> {
    let connection = db.read();
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    row.unwrap().try_get_by_index(0)
}

db::on_each_database! {
    async fn processes_that_start_at_once_migrate_once(test: &TestDb) {
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let url = test.url().to_owned();
            processes.spawn(async move {
                let db = Db::connect(&url, &Options::default()).await.unwrap();
                migrate(&db, &[DEMO, OTHER]).await.unwrap();
                assert_eq!(count(&db, "demo_rows").await.unwrap(), 1);
                db.close().await.unwrap();
            });
        }
        processes.join_all().await;
        assert_eq!(count(&test.db, "demo_migrations").await.unwrap(), 2);
        assert_eq!(count(&test.db, "other_migrations").await.unwrap(), 1);
    }

    async fn a_migration_that_fails_leaves_nothing_of_any_crate(test: &TestDb) {
        let error = migrate(&test.db, &[DEMO, BROKEN]).await.unwrap_err();
        assert!(error.to_string().starts_with("migrations of broken: ") && !error.is_transient(), "{error}");
        for table in ["demo_rows", "demo_migrations", "broken_rows", "broken_migrations"] {
            assert!(count(&test.db, table).await.is_err(), "{table} must not be there");
        }
    }

    async fn a_database_of_a_newer_version_is_refused(test: &TestDb) {
        migrate(&test.db, &[DEMO]).await.unwrap();
        let error = migrate(&test.db, &[OLDER]).await.unwrap_err();
        assert!(error.to_string().contains("'m2' is missing"), "{error}");
    }

    async fn lists_grow(test: &TestDb) {
        migrate(&test.db, &[OLDER]).await.unwrap();
        assert_eq!(count(&test.db, "demo_rows").await.unwrap(), 0);
        migrate(&test.db, &[DEMO]).await.unwrap();
        migrate(&test.db, &[DEMO]).await.unwrap();
        assert_eq!(count(&test.db, "demo_rows").await.unwrap(), 1);
    }
}

/// The first connection to a new file also switches it to WAL mode, under a lock that cannot be waited for. Ten files, because one
/// collides too seldom.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_sqlite_file_can_be_opened_by_many_at_once() {
    let directory = tempfile::tempdir().unwrap();
    for file in 0..10 {
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let url = format!("sqlite://{}/{file}.db", directory.path().display());
            processes.spawn(async move { Db::connect(&url, &Options::default()).await.unwrap() });
        }
        processes.join_all().await;
    }
}
