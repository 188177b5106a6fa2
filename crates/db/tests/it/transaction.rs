use std::time::Duration;

use db::testing::TestDb;
use db::{Db, Options};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};

async fn create(test: &TestDb) {
    let write = test.db.begin().await.unwrap();
    write.execute_unprepared("CREATE TABLE demo_counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)").await.unwrap();
    write.execute_unprepared("INSERT INTO demo_counters VALUES (1, 0)").await.unwrap();
    write.commit().await.unwrap();
}

async fn read(connection: &impl ConnectionTrait) -> i64 {
    let statement =
        Statement::from_string(connection.get_database_backend(), "SELECT n FROM demo_counters WHERE id = 1");
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn write(transaction: &DatabaseTransaction, n: i64) {
    transaction.execute_unprepared(&format!("UPDATE demo_counters SET n = {n} WHERE id = 1")).await.unwrap();
}

db::on_each_database! {
    async fn a_dropped_transaction_leaves_nothing(test: &TestDb) {
        create(test).await;
        let transaction = test.db.begin().await.unwrap();
        write(&transaction, 5).await;
        drop(transaction);
        assert_eq!(read(test.db.read()).await, 0);
        let transaction = test.db.begin().await.unwrap();
        write(&transaction, 6).await;
        transaction.commit().await.unwrap();
        test.db.make_durable().await.unwrap();
        assert_eq!(read(test.db.read()).await, 6);
    }

    async fn readers_do_not_wait_for_a_writer_and_see_what_is_committed(test: &TestDb) {
        create(test).await;
        let transaction = test.db.begin().await.unwrap();
        write(&transaction, 5).await;
        assert_eq!(read(test.db.read()).await, 0);
        transaction.commit().await.unwrap();
        assert_eq!(read(test.db.read()).await, 5);
    }

    async fn waiting_for_a_connection_ends_with_a_transient_error(test: &TestDb) {
        let options = Options { write_connections: 1, acquire_timeout: Duration::from_millis(200), ..Options::default() };
        let db = Db::connect(test.url(), &options).await.unwrap();
        let held = db.begin().await.unwrap();
        let error = db.begin().await.unwrap_err();
        assert!(error.is_transient(), "{error}");
        held.rollback().await.unwrap();
        db.begin().await.unwrap();
    }

    async fn a_second_row_with_the_same_key_is_told_apart(test: &TestDb) {
        create(test).await;
        let transaction = test.db.begin().await.unwrap();
        let error = transaction.execute_unprepared("INSERT INTO demo_counters VALUES (1, 1)").await.unwrap_err();
        let error = db::Error::from(error);
        assert!(error.is_unique_violation() && !error.is_transient(), "{error}");
        drop(transaction);
        let error = db::Error::from(test.db.read().execute_unprepared("SELECT nothing FROM nowhere").await.unwrap_err());
        assert!(!error.is_unique_violation() && !error.is_transient(), "{error}");
    }
}

/// Each transaction reads first and writes then. Begun deferred, all but one of two at the same time would fail at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_writers_of_two_processes_take_turns() {
    let test = db::testing::sqlite().await;
    create(&test).await;
    let other = Db::connect(test.url(), &Options::default()).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let db = if task % 2 == 0 { test.db.clone() } else { other.clone() };
        tasks.spawn(async move {
            for _ in 0..25 {
                let transaction = db.begin().await.unwrap();
                let n = read(&transaction).await;
                write(&transaction, n + 1).await;
                transaction.commit().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(read(test.db.read()).await, 8 * 25);
}
