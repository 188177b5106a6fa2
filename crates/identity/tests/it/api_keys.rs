use std::sync::Arc;

use db::testing::TestDb;
use identity::{ApiKeys, Error, MAX_LIVE_KEYS, Permissions};
use ipnet::IpNet;
use ring::hmac;
use runtime::entropy::SystemRandom;
use runtime::secrets::SealingKey;
use sea_orm::{ConnectionTrait, Statement};

pub(crate) const NOW_US: u64 = 1_700_000_000_000_000;

/// A process on this database. All of them have the same sealing key, as they share the data directory.
pub(crate) fn process(test: &TestDb) -> ApiKeys {
    ApiKeys::new(test.db.clone(), SealingKey::from_bytes(&[3; 32]), Arc::new(SystemRandom::new()))
}

pub(crate) async fn start(test: &TestDb) -> ApiKeys {
    db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
    process(test)
}

fn sign(secret: &str, payload: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, payload))
}

pub(crate) async fn execute(test: &TestDb, sql: &str) {
    let write = test.db.begin().await.unwrap();
    write.execute_unprepared(sql).await.unwrap();
    write.commit().await.unwrap();
}

db::on_each_database! {
    async fn a_key_is_made_found_and_signs(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(42, " maker ", Permissions::READ_TRADE, NOW_US).await.unwrap();
        for text in [&created.key, created.secret.expose()] {
            assert!(text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
        }
        assert_ne!(&created.key, created.secret.expose());
        // A process that starts later opens the same secret.
        for keys in [keys, process(test)] {
            assert!(keys.cached(&created.key, NOW_US).is_none());
            let key = keys.find(&created.key, NOW_US).await.unwrap().unwrap();
            assert_eq!((key.account_id(), key.permissions(), key.key()), (42, Permissions::READ_TRADE, created.key.as_str()));
            assert!(key.verify(b"a=1", sign(created.secret.expose(), b"a=1").as_bytes()));
            assert!(!key.verify(b"a=2", sign(created.secret.expose(), b"a=1").as_bytes()));
        }
    }

    async fn a_found_key_needs_no_more_sql(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap();
        let unknown = "x".repeat(64);
        let first = keys.find(&created.key, NOW_US).await.unwrap().unwrap();
        assert!(keys.find(&unknown, NOW_US).await.unwrap().is_none());
        test.db.close().await.unwrap();
        let second = keys.find(&created.key, NOW_US).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(keys.find(&unknown, NOW_US).await.unwrap().is_none());
        assert!(keys.find(&"y".repeat(64), NOW_US).await.is_err(), "what memory does not know is asked of the database");
    }

    async fn malformed_keys_never_reach_the_database(test: &TestDb) {
        let keys = start(test).await;
        test.db.close().await.unwrap();
        let quoted = format!("'{}", "a".repeat(63));
        for key in ["", "short", &"a".repeat(65), &"ä".repeat(32), &quoted] {
            assert!(keys.find(key, NOW_US).await.unwrap().is_none(), "{key}");
        }
    }

    async fn a_revoked_key_stops_at_once_and_for_ever(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap();
        keys.find(&created.key, NOW_US).await.unwrap().unwrap();
        assert!(!keys.revoke(2, &created.key, NOW_US + 1).await.unwrap(), "of another account");
        assert!(keys.find(&created.key, NOW_US).await.unwrap().is_some());
        assert!(keys.revoke(1, &created.key, NOW_US + 1).await.unwrap());
        assert!(keys.find(&created.key, NOW_US).await.unwrap().is_none());
        assert!(!keys.revoke(1, &created.key, NOW_US + 2).await.unwrap(), "twice");
        assert!(process(test).find(&created.key, NOW_US).await.unwrap().is_none());
        assert_eq!(keys.list(1).await.unwrap()[0].revoked_at_us, Some(NOW_US + 1));
    }

    /// Requests keep the key busy while it is revoked: none of them may bring it back into memory.
    async fn a_key_revoked_under_load_stays_revoked(test: &TestDb) {
        let keys = Arc::new(start(test).await);
        for round in 0..20 {
            let created = keys.create(round, "k", Permissions::READ, NOW_US).await.unwrap();
            let mut requests = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let (keys, key) = (keys.clone(), created.key.clone());
                requests.spawn(async move { while keys.find(&key, NOW_US).await.unwrap().is_some() {
                    tokio::task::yield_now().await;
                } });
            }
            tokio::task::yield_now().await;
            assert!(keys.revoke(round, &created.key, NOW_US).await.unwrap());
            assert!(keys.find(&created.key, NOW_US).await.unwrap().is_none());
            requests.join_all().await;
            assert!(keys.find(&created.key, NOW_US).await.unwrap().is_none());
        }
    }

    async fn a_list_shows_the_newest_first_and_no_secret(test: &TestDb) {
        let keys = start(test).await;
        let first = keys.create(1, "first", Permissions::READ, NOW_US).await.unwrap();
        let second = keys.create(1, "second", Permissions::READ_TRADE, NOW_US + 1).await.unwrap();
        keys.create(2, "another's", Permissions::READ, NOW_US).await.unwrap();
        let list = keys.list(1).await.unwrap();
        let seen: Vec<_> = list.iter().map(|one| (one.key.as_str(), one.label.as_str(), one.permissions, one.created_at_us)).collect();
        assert_eq!(seen, [
            (second.key.as_str(), "second", Permissions::READ_TRADE, NOW_US + 1),
            (first.key.as_str(), "first", Permissions::READ, NOW_US),
        ]);
        assert!(!format!("{list:?} {first:?}").contains(first.secret.expose()));
    }

    async fn secrets_are_sealed_and_bound_to_their_key(test: &TestDb) {
        let keys = start(test).await;
        let first = keys.create(1, "first", Permissions::READ, NOW_US).await.unwrap();
        let second = keys.create(1, "second", Permissions::READ, NOW_US).await.unwrap();
        let read = test.db.read();
        let all = Statement::from_string(read.get_database_backend(), "SELECT sealed_secret FROM identity_api_keys");
        for row in read.query_all_raw(all).await.unwrap() {
            let sealed: Vec<u8> = row.try_get_by_index(0).unwrap();
            assert!(!sealed.windows(8).any(|part| first.secret.expose().as_bytes().windows(8).any(|plain| part == plain)));
        }
        let swap = "UPDATE identity_api_keys SET sealed_secret = (SELECT sealed_secret FROM identity_api_keys WHERE label = 'first') \
                    WHERE label = 'second'";
        execute(test, swap).await;
        let error = keys.find(&second.key, NOW_US).await.unwrap_err();
        assert!(matches!(error, Error::Unusable { .. }) && !error.is_transient() && !error.is_callers_fault(), "{error}");
        keys.find(&first.key, NOW_US).await.unwrap().unwrap();
    }

    async fn a_key_of_a_kind_from_the_future_is_an_error_not_a_hole(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap();
        execute(test, "UPDATE identity_api_keys SET kind = 'mldsa'").await;
        assert!(keys.find(&created.key, NOW_US).await.unwrap_err().to_string().contains("\"mldsa\""));
        assert!(keys.list(1).await.unwrap_err().to_string().contains("\"mldsa\""));
    }

    async fn addresses_take_effect_at_once(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap();
        let (home, away) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        assert!(keys.find(&created.key, NOW_US).await.unwrap().unwrap().allows_ip(away));
        assert!(keys.set_ip_allow_list(1, &created.key, &[home]).await.unwrap());
        let key = keys.find(&created.key, NOW_US).await.unwrap().unwrap();
        assert!(key.allows_ip(home) && !key.allows_ip(away));
        assert_eq!(keys.list(1).await.unwrap()[0].addresses, [IpNet::from(home)]);
        assert!(keys.set_ip_allow_list(1, &created.key, &[]).await.unwrap());
        assert!(keys.find(&created.key, NOW_US).await.unwrap().unwrap().allows_ip(away));
        assert!(!keys.set_ip_allow_list(2, &created.key, &[home]).await.unwrap(), "of another account");
        assert!(matches!(keys.set_ip_allow_list(1, &created.key, &[home; 31]).await, Err(Error::TooManyAddresses)));
    }

    async fn an_account_has_a_bounded_number_of_live_keys(test: &TestDb) {
        let keys = start(test).await;
        let mut last = String::new();
        for _ in 0..MAX_LIVE_KEYS {
            last = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap().key;
        }
        let error = keys.create(1, "one more", Permissions::READ, NOW_US).await.unwrap_err();
        assert!(matches!(error, Error::TooManyKeys) && error.is_callers_fault());
        keys.create(2, "of another account", Permissions::READ, NOW_US).await.unwrap();
        assert!(keys.revoke(1, &last, NOW_US).await.unwrap());
        keys.create(1, "one more", Permissions::READ, NOW_US).await.unwrap();
    }

    async fn labels_are_checked(test: &TestDb) {
        let keys = start(test).await;
        for label in ["", "  ", "a\nb", &"ä".repeat(101)] {
            assert!(matches!(keys.create(1, label, Permissions::READ, NOW_US).await, Err(Error::Label)), "{label:?}");
        }
        keys.create(1, &"ä".repeat(100), Permissions::READ, NOW_US).await.unwrap();
    }

    async fn the_last_use_is_written_down_when_flushed(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap();
        keys.create(1, "never used", Permissions::READ, NOW_US).await.unwrap();
        let key = keys.find(&created.key, NOW_US).await.unwrap().unwrap();
        assert_eq!(keys.flush_last_used().await.unwrap(), 0);
        key.mark_used(NOW_US + 5);
        assert_eq!(keys.flush_last_used().await.unwrap(), 1);
        assert_eq!(keys.flush_last_used().await.unwrap(), 0);
        // Another process wrote down a later use, which is not moved back.
        execute(test, "UPDATE identity_api_keys SET last_used_us = 9000000000000000 WHERE last_used_us = 1700000000000005").await;
        key.mark_used(NOW_US + 9);
        assert_eq!(keys.flush_last_used().await.unwrap(), 1);
        let used: Vec<_> = keys.list(1).await.unwrap().into_iter().map(|one| one.last_used_us).collect();
        assert_eq!(used, [None, Some(9_000_000_000_000_000)]);
    }
}
