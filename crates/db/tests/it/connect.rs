use std::time::Duration;

use db::{Db, Error, Options};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

db::on_each_database! {
    async fn the_reading_side_cannot_write(test: &TestDb) {
        let write = test.db.begin().await.unwrap();
        write.execute_unprepared("CREATE TABLE demo_rows (id BIGINT PRIMARY KEY)").await.unwrap();
        write.commit().await.unwrap();
        let error = test.db.read().execute_unprepared("INSERT INTO demo_rows VALUES (1)").await.unwrap_err();
        assert!(error.to_string().contains("readonly") || error.to_string().contains("read-only"), "{error}");
    }

    async fn everything_works_after_ping_and_nothing_after_close(test: &TestDb) {
        test.db.ping().await.unwrap();
        test.db.close().await.unwrap();
        assert!(test.db.ping().await.is_err());
        assert!(test.db.begin().await.is_err());
    }
}

#[tokio::test]
async fn sqlite_runs_in_wal_mode_with_its_safeguards() {
    let test = db::testing::sqlite().await;
    let write = test.db.begin().await.unwrap();
    for (pragma, expected) in
        [("journal_mode", "wal"), ("synchronous", "1"), ("foreign_keys", "1"), ("busy_timeout", "10000")]
    {
        let row = write.query_one_raw(Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}"))).await;
        let row = row.unwrap().unwrap();
        let value =
            row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()));
        assert_eq!(value.unwrap(), expected, "{pragma}");
    }
}

#[tokio::test]
async fn sqlite_makes_the_directory_of_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a b/c%3F/rialto.db");
    let url = format!("sqlite://{}", file.display().to_string().replace('%', "%25"));
    Db::connect(&url, &Options::default()).await.unwrap().close().await.unwrap();
    assert!(file.is_file());
}

#[tokio::test]
async fn addresses_that_cannot_work_are_refused() {
    for url in
        ["", "mysql://host/name", "sqlite::memory:", "sqlite://x?mode=memory", "sqlite://x?colour=red", "sqlite://"]
    {
        let error = Db::connect(url, &Options::default()).await.unwrap_err();
        assert!(matches!(error, Error::Address(_)) && !error.is_transient(), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_a_transient_error_without_the_password() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let options = Options { acquire_timeout: Duration::from_millis(300), ..Options::default() };
    let error = Db::connect(&format!("postgresql://user:hunter2@127.0.0.1:{port}/name"), &options).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)) && error.is_transient(), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
