//! Users who are closed and erased.

use db::page::{Keyset, Limit, Order};
use identity::{Filter, Profile, Refusal, Role, UserKind, UserState};

use super::api_keys::NOW_US;
use super::profiles::ada;
use super::world::{PASSWORD, World, device, email, refusal};

const DAY_US: u64 = 24 * 3_600 * 1_000_000;

db::on_each_database! {
    async fn who_is_closed_is_out_at_once(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let people = &world.people;
        let part = people.sub_accounts.create(&user, UserKind::SubAccount, NOW_US).await.unwrap();
        let entered = world.enter("alice@example.com", NOW_US).await;
        people.deletions.delete(&user, &device(), NOW_US).await.unwrap();
        let token = entered.access.token.expose();
        assert_eq!(refusal(people.sign_in.authenticate(token, NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(people.sign_in.refresh(&entered.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
        // Nobody learns that there was somebody.
        let again = world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await;
        assert_eq!(refusal(again), Refusal::SignIn);
        assert_eq!(people.users.by_id(part.id).await.unwrap().unwrap().state, UserState::Deleted);
        assert_eq!(*world.blocked.0.lock().unwrap(), [user.account, part.account]);
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"deleted"));
        let root = world.superadmin("root@example.com").await;
        assert_eq!(refusal(people.deletions.delete(&user, &device(), NOW_US).await), Refusal::UserState);
        assert_eq!(refusal(people.freezes.unfreeze(root.id, user.id, "back", NOW_US).await), Refusal::UserState);
        assert_eq!(refusal(people.deletions.delete(&root, &device(), NOW_US).await), Refusal::LastSuperadmin);
        people.resets.request(&email("alice@example.com"), &device(), NOW_US).await.unwrap();
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"deleted"), "no letter brings him back");
    }

    async fn who_was_closed_is_erased_when_it_is_time(test: &TestDb) {
        let world = World::start(test).await;
        let (root, user) = (world.superadmin("root@example.com").await, world.member("alice@example.com").await);
        let people = &world.people;
        people.roles.set_role(root.id, user.id, &Role::parse("support").unwrap(), NOW_US).await.unwrap();
        people.profiles.put(user.id, &ada(), NOW_US).await.unwrap();
        people.phones.add(&user, "+41446681800", NOW_US).await.unwrap();
        world.enter("alice@example.com", NOW_US).await;
        people.deletions.delete(&user, &device(), NOW_US).await.unwrap();
        assert_eq!(people.deletions.erase(NOW_US + 30 * DAY_US - 1).await.unwrap(), []);
        assert_eq!(people.users.by_id(user.id).await.unwrap().unwrap().role, Role::member());
        let due_us = NOW_US + 30 * DAY_US;
        assert_eq!(people.deletions.erase(due_us).await.unwrap(), [user.id]);
        assert_eq!(people.deletions.erase(due_us).await.unwrap(), [user.id], "until what others keep of him is gone too");
        people.deletions.erased(user.id, due_us).await.unwrap();
        assert_eq!(people.deletions.erase(due_us).await.unwrap(), []);
        let left = people.users.by_id(user.id).await.unwrap().unwrap();
        assert_eq!((left.email, left.uid, left.account), (None, user.uid, user.account), "money was moved under these");
        assert_eq!(people.profiles.get(user.id).await.unwrap(), Profile::default());
        assert_eq!(people.phones.list(user.id).await.unwrap(), []);
        assert_eq!(people.labels.list(user.id).await.unwrap(), []);
        let keyset = Keyset { after: None, limit: Limit::clamp(None, 100), order: Order::Ascending };
        let log = people.activity.page(&Filter { user: Some(user.id), ..Filter::default() }, &keyset).await.unwrap();
        assert!(!log.items.is_empty() && log.items.iter().all(|entry| entry.ip.is_none() && entry.user_agent.is_none()));
        // The address is free again.
        assert_ne!(world.member("alice@example.com").await.id, user.id);
    }
}
