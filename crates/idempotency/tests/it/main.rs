//! On SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use db::testing::TestDb;
use idempotency::{Answer, Answers, Begun, Claim, Fingerprint, Key, Scope};
use runtime::entropy::SystemRandom;
use runtime::secrets::SealingKey;
use sea_orm::{ConnectionTrait, Statement};

const NOW_US: u64 = 1_700_000_000_000_000;
const SECOND_US: u64 = 1_000_000;
const DAY_US: u64 = 24 * 3_600 * SECOND_US;
const LONGEST_US: u64 = 30 * SECOND_US;

/// A process on this database.
fn process(test: &TestDb) -> Answers {
    Answers::new(test.db.clone(), SealingKey::from_bytes(&[3; 32]), Arc::new(SystemRandom::new()), LONGEST_US)
}

async fn start(test: &TestDb) -> Answers {
    db::migrate(&test.db, &[idempotency::migrations()]).await.unwrap();
    process(test)
}

async fn begin(answers: &Answers, caller: &str, key: &str, body: &str, now_us: u64) -> Begun {
    let (scope, key) = (Scope::new(caller, "POST /things"), Key::parse(key.as_bytes()).unwrap());
    answers.begin(scope, key, Fingerprint::of("/things", body.as_bytes()), now_us).await.unwrap()
}

fn fresh(begun: Begun) -> Claim {
    let Begun::Fresh(claim) = begun else { panic!("{begun:?}") };
    claim
}

fn created(body: &str) -> Answer {
    Answer { status: 201, media_type: "application/json".to_owned(), body: body.as_bytes().to_vec() }
}

db::on_each_database! {
    async fn an_answer_is_given_again_to_its_caller_for_a_day(test: &TestDb) {
        let answers = start(test).await;
        let claim = fresh(begin(&answers, "u1", "k", "a", NOW_US).await);
        assert!(matches!(begin(&process(test), "u1", "k", "a", NOW_US).await, Begun::UnderWay));
        answers.finish(claim, &created("{\"secret\":\"s3cr3t\"}")).await.unwrap();
        let again = begin(&process(test), "u1", "k", "a", NOW_US + DAY_US - 1).await;
        assert!(matches!(&again, Begun::Replay(answer) if *answer == created("{\"secret\":\"s3cr3t\"}")), "{again:?}");
        assert!(matches!(begin(&answers, "u1", "k", "b", NOW_US).await, Begun::Mismatch));
        // Another caller's key of the same text is another key.
        drop(fresh(begin(&answers, "u2", "k", "a", NOW_US).await));
        drop(fresh(begin(&answers, "u1", "k", "b", NOW_US + DAY_US).await));
    }

    async fn what_never_was_answered_is_not_done_again(test: &TestDb) {
        let answers = start(test).await;
        drop(fresh(begin(&answers, "u1", "k", "a", NOW_US).await));
        assert!(matches!(begin(&answers, "u1", "k", "a", NOW_US + LONGEST_US).await, Begun::UnderWay));
        assert!(matches!(begin(&answers, "u1", "k", "a", NOW_US + LONGEST_US + 1).await, Begun::Unknown));
    }

    async fn a_released_key_serves_again(test: &TestDb) {
        let answers = start(test).await;
        let claim = fresh(begin(&answers, "u1", "k", "a", NOW_US).await);
        answers.release(claim).await.unwrap();
        let claim = fresh(begin(&answers, "u1", "k", "other", NOW_US).await);
        answers.finish(claim, &created("2")).await.unwrap();
        assert!(matches!(begin(&answers, "u1", "k", "other", NOW_US).await, Begun::Replay(_)));
    }

    async fn of_many_at_once_one_begins(test: &TestDb) {
        let answers = start(test).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let answers = answers.clone();
                tokio::spawn(async move { begin(&answers, "u1", "k", "a", NOW_US).await })
            })
            .collect();
        let mut begun = 0;
        for task in tasks {
            match task.await.unwrap() {
                Begun::Fresh(_) => begun += 1,
                Begun::UnderWay => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(begun, 1);
    }

    async fn nothing_readable_lies_in_the_table_and_it_does_not_grow(test: &TestDb) {
        let answers = start(test).await;
        for number in 0..10 {
            let claim = fresh(begin(&answers, "u1", &format!("k{number}"), "pass-word", NOW_US).await);
            answers.finish(claim, &created("s3cr3t")).await.unwrap();
        }
        let statement = |sql: &str| Statement::from_string(test.db.read().get_database_backend(), sql);
        let rows = test.db.read().query_all_raw(statement("SELECT fingerprint, answer FROM idempotency_answers")).await.unwrap();
        assert_eq!(rows.len(), 10);
        for row in rows {
            let answer: Vec<u8> = row.try_get("", "answer").unwrap();
            assert!(!answer.windows(6).any(|bytes| bytes == b"s3cr3t"));
            let fingerprint: Vec<u8> = row.try_get("", "fingerprint").unwrap();
            assert!(fingerprint.len() > 32);
        }
        assert_eq!(answers.purge(NOW_US + DAY_US - 1).await.unwrap(), 0);
        assert_eq!(answers.purge(NOW_US + DAY_US).await.unwrap(), 10);
    }
}
