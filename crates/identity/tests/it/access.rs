//! Roles, labels and levels.

use identity::{LabelScope, LevelRule, MAX_LABELS, OperationPattern, Refusal, Role, User};

use super::api_keys::{NOW_US, execute};
use super::world::{World, refusal, settings};

fn role(name: &str) -> Role {
    Role::parse(name).unwrap()
}

fn pattern(text: &str) -> OperationPattern {
    OperationPattern::parse(text).unwrap()
}

async fn now(world: &World, user: &User) -> User {
    world.people.users.by_id(user.id).await.unwrap().unwrap()
}

db::on_each_database! {
    async fn roles_begin_with_sensible_rights(test: &TestDb) {
        let world = World::start(test).await;
        let roles = &world.people.roles;
        let (list, freeze, other) = ("GET /api/v2/admin/users", "POST /api/v2/admin/freezes", "POST /api/v2/orders");
        for (name, allowed) in [
            ("superadmin", [true, true, true]),
            ("admin", [true, true, false]),
            ("compliance", [true, true, false]),
            ("support", [true, false, false]),
            ("member", [false, false, false]),
            ("made-up", [false, false, false]),
        ] {
            assert_eq!([list, freeze, other].map(|operation| roles.allows(&role(name), operation)), allowed, "{name}");
        }
        assert_eq!(roles.list().len(), 4);
    }

    async fn only_a_superadmin_changes_rights(test: &TestDb) {
        let world = World::start(test).await;
        let root = world.superadmin("root@example.com").await;
        let member = world.member("alice@example.com").await;
        let roles = &world.people.roles;
        let (desk, operation) = (role("desk"), pattern("GET /api/v2/admin/orders*"));
        assert_eq!(refusal(roles.grant(&member, &desk, &operation).await), Refusal::Forbidden);
        assert_eq!(refusal(roles.set_role(root.id, member.id, &desk, NOW_US).await), Refusal::Role, "nobody knows it");
        roles.grant(&root, &desk, &operation).await.unwrap();
        roles.grant(&root, &desk, &operation).await.unwrap();
        roles.set_role(root.id, member.id, &desk, NOW_US).await.unwrap();
        assert_eq!(now(&world, &member).await.role, desk);
        assert!(roles.allows(&desk, "GET /api/v2/admin/orders/7") && !roles.allows(&desk, "DELETE /api/v2/admin/orders/7"));
        let other = World::process(test, &settings()).await;
        assert!(other.people.roles.allows(&desk, "GET /api/v2/admin/orders"));
        assert_eq!(refusal(roles.withdraw(&member, &desk, &operation).await), Refusal::Forbidden);
        assert!(roles.withdraw(&root, &desk, &operation).await.unwrap());
        assert!(!roles.withdraw(&root, &desk, &operation).await.unwrap(), "twice");
        assert!(!roles.allows(&desk, "GET /api/v2/admin/orders"));
        other.people.roles.reload().await.unwrap();
        assert!(!other.people.roles.allows(&desk, "GET /api/v2/admin/orders"));
        assert_eq!(refusal(roles.withdraw(&root, &Role::superadmin(), &pattern("*")).await), Refusal::Forbidden);
        assert_eq!(refusal(roles.set_role(member.id, member.id, &Role::superadmin(), NOW_US).await), Refusal::Forbidden);
        assert_eq!(refusal(roles.appoint_first(member.id, NOW_US).await), Refusal::Forbidden, "there is one");
    }

    async fn a_role_that_was_taken_is_gone_at_once(test: &TestDb) {
        let world = World::start(test).await;
        let root = world.superadmin("root@example.com").await;
        let second = world.member("second@example.com").await;
        let roles = &world.people.roles;
        roles.set_role(root.id, second.id, &Role::superadmin(), NOW_US).await.unwrap();
        let entered = world.enter("second@example.com", NOW_US).await;
        let token = entered.access.token.expose();
        assert_eq!(world.people.sign_in.authenticate(token, NOW_US).await.unwrap().user.role.as_str(), "superadmin");
        roles.set_role(root.id, second.id, &role("support"), NOW_US).await.unwrap();
        assert_eq!(world.people.sign_in.authenticate(token, NOW_US).await.unwrap().user.role.as_str(), "support", "whatever the token says");
        // And he gives no more roles, though his own object still says that he may.
        assert_eq!(refusal(roles.set_role(second.id, second.id, &Role::superadmin(), NOW_US).await), Refusal::Forbidden);
    }

    async fn the_last_superadmin_stays(test: &TestDb) {
        let world = World::start(test).await;
        let root = world.superadmin("root@example.com").await;
        let second = world.member("second@example.com").await;
        let people = &world.people;
        assert_eq!(refusal(people.roles.set_role(root.id, root.id, &Role::member(), NOW_US).await), Refusal::LastSuperadmin);
        assert_eq!(refusal(people.freezes.freeze(root.id, root.id, "by mistake", NOW_US).await), Refusal::LastSuperadmin);
        // A frozen one does not count.
        people.roles.set_role(root.id, second.id, &Role::superadmin(), NOW_US).await.unwrap();
        people.freezes.freeze(root.id, second.id, "away", NOW_US).await.unwrap();
        assert_eq!(refusal(people.roles.set_role(root.id, root.id, &Role::member(), NOW_US).await), Refusal::LastSuperadmin);
        people.freezes.unfreeze(root.id, second.id, "back", NOW_US).await.unwrap();
        people.roles.set_role(root.id, root.id, &Role::member(), NOW_US).await.unwrap();
    }

    async fn two_superadmins_who_leave_at_once_do_not_both(test: &TestDb) {
        let (world, other) = (World::start(test).await, World::process(test, &settings()).await);
        let root = world.superadmin("root@example.com").await;
        let second = world.member("second@example.com").await;
        for _ in 0..10 {
            execute(test, "UPDATE identity_users SET role = 'superadmin'").await;
            let (member, both) = (Role::member(), (&world.people.roles, &other.people.roles));
            let left = tokio::join!(
                both.0.set_role(root.id, root.id, &member, NOW_US),
                both.1.set_role(second.id, second.id, &member, NOW_US)
            );
            assert!(left.0.is_ok() != left.1.is_ok(), "{left:?}");
        }
    }

    async fn labels_raise_and_lower_the_level(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let labels = &world.people.labels;
        let set = |key, value| labels.set(user.id, LabelScope::Private, key, value, NOW_US);
        assert_eq!(set("document", "verified").await.unwrap(), 1, "level 2 is missing");
        assert_eq!(set("phone", "verified").await.unwrap(), 3);
        assert_eq!(now(&world, &user).await.level, 3);
        assert_eq!(set("document", "rejected").await.unwrap(), 2, "one label of a key");
        assert_eq!(labels.remove(user.id, LabelScope::Private, "phone", NOW_US).await.unwrap(), Some(1));
        assert_eq!(labels.remove(user.id, LabelScope::Private, "phone", NOW_US).await.unwrap(), None);
        // What the user says himself does not count.
        assert_eq!(labels.set(user.id, LabelScope::Public, "phone", "verified", NOW_US).await.unwrap(), 1);
        let seen: Vec<_> = labels.list(user.id).await.unwrap().into_iter().map(|label| (label.key, label.value, label.scope)).collect();
        assert_eq!(seen, [
            ("email".to_owned(), "verified".to_owned(), LabelScope::Private),
            ("document".to_owned(), "rejected".to_owned(), LabelScope::Private),
            ("phone".to_owned(), "verified".to_owned(), LabelScope::Public),
        ]);
    }

    async fn labels_set_at_once_are_both_counted(test: &TestDb) {
        let (world, other) = (World::start(test).await, World::process(test, &settings()).await);
        for round in 0..5 {
            let user = world.member(&format!("user{round}@example.com")).await;
            let both = tokio::join!(
                world.people.labels.set(user.id, LabelScope::Private, "phone", "verified", NOW_US),
                other.people.labels.set(user.id, LabelScope::Private, "document", "verified", NOW_US)
            );
            both.0.unwrap();
            both.1.unwrap();
            assert_eq!(now(&world, &user).await.level, 3);
        }
    }

    async fn a_higher_level_is_seen_at_once(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        let level = async || world.people.sign_in.authenticate(entered.access.token.expose(), NOW_US).await.unwrap().user.level;
        assert_eq!(level().await, 1);
        world.people.labels.set(user.id, LabelScope::Private, "phone", "verified", NOW_US).await.unwrap();
        assert_eq!(level().await, 2);
    }

    async fn what_levels_ask_for_is_changed(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let rule = |level, key: &str, value: &str| LevelRule { level, key: key.into(), value: value.into() };
        let labels = &world.people.labels;
        assert_eq!(labels.rules().await.unwrap().len(), 3);
        for wrong in [rule(0, "email", "verified"), rule(4, "email", "verified"), rule(1, "E", "verified"), rule(1, "email", "")] {
            assert_eq!(refusal(labels.set_rules(&[wrong]).await), Refusal::Label);
        }
        let rules = [rule(1, "email", "verified"), rule(2, "otp", "enabled"), rule(2, "phone", "verified")];
        labels.set_rules(&rules).await.unwrap();
        assert_eq!(labels.rules().await.unwrap(), rules);
        assert_eq!(labels.set(user.id, LabelScope::Private, "phone", "verified", NOW_US).await.unwrap(), 1);
        assert_eq!(labels.set(user.id, LabelScope::Private, "otp", "enabled", NOW_US).await.unwrap(), 2);
    }

    async fn labels_are_bounded(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let labels = &world.people.labels;
        let long = "x".repeat(65);
        for (key, value) in [("", "x"), ("A", "x"), ("a b", "x"), (long.as_str(), "x"), ("a", ""), ("a", "b\nc"), ("a", &"x".repeat(256))] {
            assert_eq!(refusal(labels.set(user.id, LabelScope::Public, key, value, NOW_US).await), Refusal::Label, "{key}={value}");
        }
        for count in 1..MAX_LABELS {
            labels.set(user.id, LabelScope::Public, &format!("k{count}"), "x", NOW_US).await.unwrap();
        }
        assert_eq!(refusal(labels.set(user.id, LabelScope::Public, "more", "x", NOW_US).await), Refusal::TooManyLabels);
        labels.set(user.id, LabelScope::Public, "k1", "changed", NOW_US).await.unwrap();
        assert_eq!(refusal(labels.set(identity::UserId(999), LabelScope::Public, "a", "x", NOW_US).await), Refusal::NoSuchUser);
    }
}
