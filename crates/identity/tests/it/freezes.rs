//! Frozen users, and the log.

use db::page::{Keyset, Limit, Order};
use identity::{Filter, NewUser, Refusal, UserKind, UserState};

use super::api_keys::NOW_US;
use super::world::{PASSWORD, World, device, email, refusal, secret, settings};

db::on_each_database! {
    async fn who_is_frozen_is_out_at_once_and_comes_back(test: &TestDb) {
        let world = World::start(test).await;
        let root = world.superadmin("root@example.com").await;
        let user = world.member("alice@example.com").await;
        let write = test.db.begin().await.unwrap();
        let part = NewUser { kind: UserKind::SubAccount, parent: Some(user.id), ..NewUser::external("en") };
        let part = world.people.users.create(&write, part, NOW_US).await.unwrap();
        write.commit().await.unwrap();
        let entered = world.enter("alice@example.com", NOW_US).await;
        let people = &world.people;
        people.sign_in.authenticate(entered.access.token.expose(), NOW_US).await.unwrap();
        people.freezes.freeze(root.id, user.id, "asked by the police", NOW_US).await.unwrap();
        assert_eq!(refusal(people.sign_in.authenticate(entered.access.token.expose(), NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(people.sign_in.refresh(&entered.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await), Refusal::Frozen);
        assert_eq!(refusal(world.sign_in("alice@example.com", "a wrong password", None, &device(), NOW_US).await), Refusal::SignIn, "a stranger does not learn it");
        assert_eq!(*world.blocked.0.lock().unwrap(), [user.account, part.account]);
        assert_eq!(people.users.by_id(part.id).await.unwrap().unwrap().state, UserState::Frozen);
        assert_eq!(refusal(people.freezes.freeze(root.id, user.id, "again", NOW_US).await), Refusal::UserState);
        // No letter brings a frozen user back.
        people.resets.request(&email("alice@example.com"), &device(), NOW_US).await.unwrap();
        assert_eq!(world.letters.names("alice@example.com"), ["verify-email", "frozen"]);
        people.freezes.unfreeze(root.id, user.id, "cleared", NOW_US).await.unwrap();
        assert!(world.blocked.0.lock().unwrap().is_empty());
        world.enter("alice@example.com", NOW_US).await;
        assert_eq!(people.users.by_id(part.id).await.unwrap().unwrap().state, UserState::Active);
        assert_eq!(refusal(people.freezes.unfreeze(root.id, user.id, "again", NOW_US).await), Refusal::UserState);
        let keyset = Keyset { after: None, limit: Limit::clamp(None, 10), order: Order::Ascending };
        let filter = Filter { user: Some(user.id), topic: Some("account".into()), ..Filter::default() };
        let log = people.activity.page(&filter, &keyset).await.unwrap().items;
        let seen: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.actor, entry.detail.as_deref())).collect();
        assert_eq!(seen, [
            ("sign-up", None, None),
            ("verify e-mail", None, None),
            ("freeze", Some(root.id), Some("asked by the police")),
            ("unfreeze", Some(root.id), Some("cleared")),
        ]);
    }

    async fn who_was_not_verified_is_not_verified_by_a_freeze(test: &TestDb) {
        let world = World::start(test).await;
        let root = world.superadmin("root@example.com").await;
        world.people.sign_up.request(&email("bob@example.com"), &secret(PASSWORD), "en", &device(), NOW_US).await.unwrap();
        let token = world.token("bob@example.com");
        let bob = world.people.users.by_email(&email("bob@example.com")).await.unwrap().unwrap();
        world.people.freezes.freeze(root.id, bob.id, "odd", NOW_US).await.unwrap();
        assert_eq!(refusal(world.people.sign_up.verify(&token, &device(), NOW_US).await), Refusal::Token);
        world.people.freezes.unfreeze(root.id, bob.id, "fine", NOW_US).await.unwrap();
        assert_eq!(world.people.users.by_id(bob.id).await.unwrap().unwrap().state, UserState::Pending);
        world.people.sign_up.verify(&token, &device(), NOW_US).await.unwrap();
    }

    /// A refresh, or a sign-in, that runs beside a freeze does not survive it.
    async fn a_freeze_beside_requests_wins(test: &TestDb) {
        let (world, other) = (World::start(test).await, World::process(test, &settings()).await);
        let root = world.superadmin("root@example.com").await;
        let user = world.member("alice@example.com").await;
        for round in 0..10 {
            let entered = world.enter("alice@example.com", NOW_US + round).await;
            let device = device();
            let (frozen, refreshed, signed_in) = tokio::join!(
                world.people.freezes.freeze(root.id, user.id, "now", NOW_US + round),
                other.people.sign_in.refresh(&entered.refresh, &device, NOW_US + round),
                other.sign_in("alice@example.com", PASSWORD, None, &device, NOW_US + round)
            );
            frozen.unwrap();
            for one in [refreshed, signed_in].into_iter().flatten() {
                assert_eq!(refusal(other.people.sign_in.refresh(&one.refresh, &device, NOW_US + round).await), Refusal::SessionEnded);
            }
            assert!(world.people.sessions.list(user.id, NOW_US + round).await.unwrap().is_empty());
            world.people.freezes.unfreeze(root.id, user.id, "again", NOW_US + round).await.unwrap();
        }
    }

    async fn the_log_is_read_in_pages_and_ends(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        world.member("bob@example.com").await;
        for round in 0..5 {
            world.enter("alice@example.com", NOW_US + round).await;
        }
        let filter = Filter { user: Some(user.id), ..Filter::default() };
        let mut keyset = Keyset { after: None, limit: Limit::clamp(Some(3), 3), order: Order::Descending };
        let mut seen = Vec::new();
        loop {
            let page = world.people.activity.page(&filter, &keyset).await.unwrap();
            seen.extend(page.items);
            keyset.after = page.next;
            if keyset.after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.is_sorted_by(|newer, older| newer.id > older.id) && seen.iter().all(|entry| entry.user == user.id));
        assert_eq!((seen[0].ip.as_deref(), seen[0].user_agent.as_deref()), (Some("192.0.2.7"), Some("Mozilla/5.0 (test)")));
        let filter = Filter { action: Some("sign-in".into()), from_us: Some(NOW_US + 1), until_us: Some(NOW_US + 3), ..Filter::default() };
        let keyset = Keyset { after: None, limit: Limit::clamp(None, 10), order: Order::Ascending };
        assert_eq!(world.people.activity.page(&filter, &keyset).await.unwrap().items.len(), 2);
        let year_us = 365 * 24 * 3_600 * 1_000_000;
        assert_eq!(world.people.activity.purge(NOW_US + year_us).await.unwrap(), 0);
        assert_eq!(world.people.activity.purge(NOW_US + year_us + 3).await.unwrap(), 7);
        assert_eq!(world.people.activity.page(&Filter::default(), &keyset).await.unwrap().items.len(), 2);
    }
}
