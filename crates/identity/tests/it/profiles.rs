//! Profiles.

use identity::{Profile, Refusal};

use super::api_keys::{NOW_US, execute};
use super::world::{World, refusal};

pub(crate) fn ada() -> Profile {
    let text = |text: &str| Some(text.to_owned());
    Profile {
        first_name: text("Ada"),
        last_name: text("Lovelace"),
        born_on: Some(jiff::civil::date(1990, 12, 10)),
        country: text("GB"),
        city: text("London"),
        postcode: text("SW1Y 4JH"),
        street: text("12 St James's Square"),
    }
}

db::on_each_database! {
    async fn a_profile_is_written_and_changed(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let profiles = &world.people.profiles;
        assert_eq!(profiles.get(user.id).await.unwrap(), Profile::default());
        profiles.put(user.id, &ada(), NOW_US).await.unwrap();
        assert_eq!(profiles.get(user.id).await.unwrap(), ada());
        let moved = Profile { city: Some("Paris".to_owned()), postcode: None, ..ada() };
        profiles.put(user.id, &moved, NOW_US).await.unwrap();
        assert_eq!(profiles.get(user.id).await.unwrap(), moved);
    }

    async fn what_cannot_be_is_refused(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let profiles = &world.people.profiles;
        profiles.put(user.id, &ada(), NOW_US).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        for (wrong, expected) in [
            (Profile { country: text("gb"), ..ada() }, Refusal::Country),
            (Profile { country: text("GBR"), ..ada() }, Refusal::Country),
            (Profile { first_name: text(" "), ..ada() }, Refusal::Text),
            (Profile { last_name: text("a\nb"), ..ada() }, Refusal::Text),
            (Profile { street: Some("x".repeat(129)), ..ada() }, Refusal::Text),
            (Profile { born_on: Some(jiff::civil::date(2024, 1, 1)), ..ada() }, Refusal::BirthDate),
            (Profile { born_on: Some(jiff::civil::date(1800, 1, 1)), ..ada() }, Refusal::BirthDate),
        ] {
            assert_eq!(refusal(profiles.put(user.id, &wrong, NOW_US).await), expected);
        }
        assert_eq!(profiles.get(user.id).await.unwrap(), ada());
    }

    async fn profiles_are_sealed_and_bound_to_their_user(test: &TestDb) {
        let world = World::start(test).await;
        let (alice, bob) = (world.member("alice@example.com").await, world.member("bob@example.com").await);
        let profiles = &world.people.profiles;
        profiles.put(alice.id, &ada(), NOW_US).await.unwrap();
        profiles.put(bob.id, &ada(), NOW_US).await.unwrap();
        let copy = format!("(SELECT sealed FROM identity_profiles WHERE user_id = {})", alice.id.0);
        execute(test, &format!("UPDATE identity_profiles SET sealed = {copy}")).await;
        assert_eq!(profiles.get(alice.id).await.unwrap(), ada());
        let error = profiles.get(bob.id).await.unwrap_err().to_string();
        assert!(error.contains("does not open") && !error.contains("Ada"), "{error}");
    }
}
