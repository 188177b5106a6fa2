//! Keys of services.

use identity::{Error, MAX_SERVICE_KEYS, Refusal};

use super::api_keys::NOW_US;
use super::world::{World, refusal, settings};

fn scopes(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

db::on_each_database! {
    async fn a_service_acts_by_its_key_as_long_as_it_is_good(test: &TestDb) {
        let world = World::start(test).await;
        let services = &world.people.services;
        let made = services.create("settlement", &scopes(&["jobs:read", "jobs:write"]), &[], NOW_US).await.unwrap();
        let text = made.text.expose().as_str();
        assert_eq!(services.authenticate(text, "jobs:read", None, NOW_US).await.unwrap().name, "settlement");
        services.authenticate(text, "jobs:write", None, NOW_US).await.unwrap();
        for scope in ["jobs", "jobs:", "*", "", "jobs:read jobs:write"] {
            assert_eq!(refusal(services.authenticate(text, scope, None, NOW_US).await), Refusal::ScopeMissing, "{scope}");
        }
        assert_eq!(services.list().await.unwrap()[0].last_used_us, Some(NOW_US));
        assert!(!format!("{made:?}").contains(text.split_once('.').unwrap().1), "a key does not print its secret");
        // Revoked here, refused there.
        let other = World::process(test, &settings()).await;
        other.people.services.authenticate(text, "jobs:read", None, NOW_US).await.unwrap();
        assert!(services.revoke(&made.public, NOW_US).await.unwrap());
        assert!(!services.revoke(&made.public, NOW_US).await.unwrap());
        assert_eq!(refusal(other.people.services.authenticate(text, "jobs:read", None, NOW_US).await), Refusal::ServiceKey);
    }

    async fn a_key_is_bound_to_its_addresses(test: &TestDb) {
        let world = World::start(test).await;
        let services = &world.people.services;
        let nets = ["10.0.0.0/8".parse().unwrap(), "2001:db8::1/128".parse().unwrap()];
        let made = services.create("inside", &scopes(&["a"]), &nets, NOW_US).await.unwrap();
        let from = |address: Option<&str>| {
            let (text, address) = (made.text.expose().clone(), address.map(|text| text.parse().unwrap()));
            async move { services.authenticate(&text, "a", address, NOW_US).await }
        };
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"] {
            from(Some(inside)).await.unwrap();
        }
        for outside in [Some("11.0.0.1"), Some("2001:db8::2"), Some("::ffff:11.0.0.1"), None] {
            assert_eq!(refusal(from(outside).await), Refusal::ServiceKey, "{outside:?}");
        }
    }

    async fn what_is_no_key_of_a_service_is_refused(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let services = &world.people.services;
        let first = services.create("one", &scopes(&["a"]), &[], NOW_US).await.unwrap();
        let second = services.create("two", &scopes(&["a"]), &[], NOW_US).await.unwrap();
        let (first, second) = (first.text.expose().as_str(), second.text.expose().as_str());
        let (public, _) = first.split_once('.').unwrap();
        let swapped = format!("{public}.{}", second.split_once('.').unwrap().1);
        let entered = world.enter("alice@example.com", NOW_US).await;
        for wrong in [
            "", ".", "x.y", public, &first[..first.len() - 1], &format!("{first}x"), &first.to_lowercase(), &swapped,
            &"€".repeat(60), entered.access.token.expose(), entered.refresh.expose(),
        ] {
            assert_eq!(refusal(services.authenticate(wrong, "a", None, NOW_US).await), Refusal::ServiceKey, "{wrong}");
        }
        // And its key is no access token.
        assert_eq!(refusal(world.people.sign_in.authenticate(first, NOW_US).await), Refusal::AccessToken);
    }

    async fn keys_are_counted_and_named(test: &TestDb) {
        let world = World::start(test).await;
        let services = &world.people.services;
        for wrong in [&[][..], &["A"], &["a b"], &[""], &["*"]] {
            assert_eq!(refusal(services.create("one", &scopes(wrong), &[], NOW_US).await), Refusal::Scope, "{wrong:?}");
        }
        assert!(matches!(services.create(" ", &scopes(&["a"]), &[], NOW_US).await, Err(Error::Label)));
        for _ in 0..MAX_SERVICE_KEYS {
            services.create("one", &scopes(&["a"]), &[], NOW_US).await.unwrap();
        }
        assert_eq!(refusal(services.create("one", &scopes(&["a"]), &[], NOW_US).await), Refusal::TooManyServiceKeys);
    }
}
