//! What keys may do, from where, until when, and what their owners change.

use std::sync::Arc;

use db::page::{Keyset, Limit, Order};
use identity::{ApiKeys, Error, KeyChange, KeyTerms, MAX_ADDRESSES, MAX_LIVE_KEYS, Permissions};
use sea_orm::ConnectionTrait as _;

use super::api_keys::{NOW_US, process, start};

const ALL: Permissions = Permissions { read: true, trade: true, withdraw: true };

fn terms(expires_at_us: Option<u64>, addresses: &[&str]) -> KeyTerms {
    KeyTerms { permissions: ALL, addresses: addresses.iter().map(|one| one.parse().unwrap()).collect(), expires_at_us }
}

async fn works(keys: &ApiKeys, key: &str, now_us: u64) -> bool {
    keys.find(key, now_us).await.unwrap().is_some()
}

db::on_each_database! {
    async fn a_key_may_withdraw_when_it_was_made_so(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "cold", terms(None, &[]), NOW_US).await.unwrap();
        let plain = keys.create(1, "plain", Permissions::READ_TRADE, NOW_US).await.unwrap();
        for keys in [&keys, &process(test)] {
            assert_eq!(keys.find(&created.key, NOW_US).await.unwrap().unwrap().permissions(), ALL);
            assert!(!keys.find(&plain.key, NOW_US).await.unwrap().unwrap().permissions().withdraw);
        }
        assert_eq!(keys.list(1).await.unwrap()[1].permissions, ALL);
    }

    async fn an_expired_key_is_refused_at_once_from_memory_too(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", terms(Some(NOW_US + 10), &[]), NOW_US).await.unwrap();
        assert!(works(&keys, &created.key, NOW_US + 9).await);
        assert!(keys.cached(&created.key, NOW_US + 9).unwrap().is_some());
        assert!(keys.cached(&created.key, NOW_US + 10).unwrap().is_none(), "memory knows that it is over");
        assert!(!works(&keys, &created.key, NOW_US + 10).await);
        assert!(!works(&process(test), &created.key, NOW_US + 10).await);
        assert_eq!(keys.list(1).await.unwrap()[0].expires_at_us, Some(NOW_US + 10));
        for past in [0, NOW_US, u64::MAX] {
            assert!(matches!(keys.create(1, "k", terms(Some(past), &[]), NOW_US).await, Err(Error::Expiry)), "{past}");
        }
    }

    async fn expired_keys_do_not_fill_the_account(test: &TestDb) {
        let keys = start(test).await;
        for _ in 0..MAX_LIVE_KEYS {
            keys.create(1, "k", terms(Some(NOW_US + 10), &[]), NOW_US).await.unwrap();
        }
        assert!(matches!(keys.create(1, "k", Permissions::READ, NOW_US + 9).await, Err(Error::TooManyKeys)));
        keys.create(1, "k", Permissions::READ, NOW_US + 10).await.unwrap();
    }

    async fn networks_bind_a_key_from_its_first_use(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "k", terms(None, &["10.1.2.3/8", "2001:db8::/32"]), NOW_US).await.unwrap();
        for keys in [&keys, &process(test)] {
            let key = keys.find(&created.key, NOW_US).await.unwrap().unwrap();
            for (address, allowed) in
                [("10.255.0.1", true), ("::ffff:10.0.0.1", true), ("2001:db8:ffff::1", true), ("11.0.0.1", false), ("::1", false)]
            {
                assert_eq!(key.allows_ip(address.parse().unwrap()), allowed, "{address}");
            }
        }
        let texts: Vec<String> = keys.list(1).await.unwrap()[0].addresses.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["10.0.0.0/8", "2001:db8::/32"]);
        let many = vec!["10.0.0.0/8"; MAX_ADDRESSES + 1];
        assert!(matches!(keys.create(1, "k", terms(None, &many), NOW_US).await, Err(Error::TooManyAddresses)));
    }

    async fn an_owner_changes_what_he_names_and_nothing_else(test: &TestDb) {
        let keys = start(test).await;
        let created = keys.create(1, "old", terms(Some(NOW_US + 10), &["10.0.0.0/8"]), NOW_US).await.unwrap();
        keys.find(&created.key, NOW_US).await.unwrap().unwrap();
        let before = keys.list(1).await.unwrap().remove(0);

        let label = KeyChange { label: Some(" new ".into()), ..KeyChange::default() };
        assert!(keys.edit(1, &created.key, &label, NOW_US).await.unwrap());
        let mut expected = before.clone();
        expected.label = "new".into();
        assert_eq!(keys.list(1).await.unwrap(), [expected]);

        let rest = KeyChange {
            label: None,
            permissions: Some(Permissions::READ),
            addresses: Some(Vec::new()),
            expires_at_us: Some(None),
        };
        // The key had expired meanwhile: its owner gives it new life.
        assert!(!works(&keys, &created.key, NOW_US + 10).await);
        assert!(keys.edit(1, &created.key, &rest, NOW_US + 10).await.unwrap());
        let key = keys.find(&created.key, NOW_US + 10).await.unwrap().unwrap();
        assert_eq!((key.permissions(), key.expires_at_us()), (Permissions::READ, None));
        assert!(key.allows_ip("192.0.2.1".parse().unwrap()));

        assert!(keys.edit(1, &created.key, &KeyChange::default(), NOW_US).await.unwrap(), "nothing is a change, too");
        assert!(!keys.edit(2, &created.key, &rest, NOW_US).await.unwrap(), "of another account");
        for (wrong, expected) in [
            (KeyChange { label: Some("\n".into()), ..KeyChange::default() }, "label"),
            (KeyChange { expires_at_us: Some(Some(NOW_US)), ..KeyChange::default() }, "future"),
            (KeyChange { addresses: Some(vec!["::/0".parse().unwrap(); 31]), ..KeyChange::default() }, "30"),
        ] {
            let error = keys.edit(1, &created.key, &wrong, NOW_US).await.unwrap_err();
            assert!(error.to_string().contains(expected) && error.is_callers_fault(), "{error}");
        }
        keys.revoke(1, &created.key, NOW_US).await.unwrap();
        assert!(!keys.edit(1, &created.key, &rest, NOW_US).await.unwrap(), "a revoked one stays as it is");
    }

    async fn pages_show_every_key_once(test: &TestDb) {
        let keys = start(test).await;
        for number in 0..5 {
            keys.create(1, &format!("k{number}"), Permissions::READ, NOW_US).await.unwrap();
            keys.create(2, "another's", Permissions::READ, NOW_US).await.unwrap();
        }
        let (mut after, mut seen) = (None, Vec::new());
        for _ in 0..3 {
            let keyset = Keyset { after, limit: Limit::clamp(Some(2), 2), order: Order::Descending };
            let page = keys.page(1, &keyset).await.unwrap();
            seen.extend(page.items.into_iter().map(|key| key.label));
            after = page.next;
        }
        assert_eq!((seen.join(" ").as_str(), after), ("k4 k3 k2 k1 k0", None));
    }

    async fn all_keys_of_an_account_are_revoked_together(test: &TestDb) {
        let keys = start(test).await;
        let mut mine = Vec::new();
        for _ in 0..3 {
            mine.push(keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap().key);
        }
        let other = keys.create(2, "k", Permissions::READ, NOW_US).await.unwrap().key;
        for key in mine.iter().chain([&other]) {
            assert!(works(&keys, key, NOW_US).await);
        }
        assert_eq!(keys.revoke_all(1, NOW_US + 1).await.unwrap(), 3);
        for key in &mine {
            assert!(!works(&keys, key, NOW_US).await && !works(&process(test), key, NOW_US).await);
        }
        assert!(works(&keys, &other, NOW_US).await);
        assert_eq!(keys.revoke_all(1, NOW_US + 2).await.unwrap(), 0);
        assert_eq!(keys.list(1).await.unwrap()[0].revoked_at_us, Some(NOW_US + 1));
    }

    async fn keys_of_a_blocked_account_are_refused_until_it_is_not(test: &TestDb) {
        let keys = start(test).await;
        let mine = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap().key;
        let other = keys.create(2, "k", Permissions::READ, NOW_US).await.unwrap().key;
        assert!(works(&keys, &mine, NOW_US).await && works(&keys, &other, NOW_US).await);
        assert!(keys.block(1, NOW_US).await.unwrap() && !keys.block(1, NOW_US).await.unwrap());
        let new = keys.create(1, "made while blocked", Permissions::READ, NOW_US).await.unwrap().key;
        for key in [&mine, &new] {
            assert!(!works(&keys, key, NOW_US).await);
            assert!(!works(&process(test), key, NOW_US).await, "a process that starts later knows it, too");
        }
        assert!(works(&keys, &other, NOW_US).await);
        assert!(keys.unblock(1).await.unwrap() && !keys.unblock(1).await.unwrap());
        assert!(works(&keys, &mine, NOW_US).await && works(&keys, &new, NOW_US).await);
    }

    /// The owner is frozen in the caller's own transaction.
    async fn a_block_is_part_of_the_callers_transaction(test: &TestDb) {
        let keys = start(test).await;
        let mine = keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap().key;
        let write = test.db.begin().await.unwrap();
        keys.block_in(&write, 1, NOW_US).await.unwrap();
        write.rollback().await.unwrap();
        keys.forget(1).await;
        assert!(works(&keys, &mine, NOW_US).await);
        let write = test.db.begin().await.unwrap();
        write.execute_unprepared("CREATE TABLE other_part (id BIGINT)").await.unwrap();
        keys.block_in(&write, 1, NOW_US).await.unwrap();
        write.commit().await.unwrap();
        keys.forget(1).await;
        assert!(!works(&keys, &mine, NOW_US).await);
    }

    /// Requests keep the keys busy while the account is blocked: none of them may bring a key back into memory.
    async fn an_account_blocked_under_load_stays_blocked(test: &TestDb) {
        let keys = Arc::new(start(test).await);
        for round in 0..10 {
            let key = keys.create(round, "k", Permissions::READ, NOW_US).await.unwrap().key;
            let mut requests = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let (keys, key) = (keys.clone(), key.clone());
                requests.spawn(async move {
                    while works(&keys, &key, NOW_US).await {
                        tokio::task::yield_now().await;
                    }
                });
            }
            tokio::task::yield_now().await;
            keys.block(round, NOW_US).await.unwrap();
            assert!(!works(&keys, &key, NOW_US).await);
            requests.join_all().await;
        }
    }
}
