//! Phones and their codes.

use identity::{MAX_PHONES, Refusal};

use super::api_keys::NOW_US;
use super::world::{World, device, refusal};

const NUMBER: &str = "+41446681800";
const MINUTE_US: u64 = 60_000_000;

/// Six digits that are not these.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

db::on_each_database! {
    async fn a_phone_is_verified_by_its_code_and_raises_the_level(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let phones = &world.people.phones;
        let phone = phones.add(&user, "+41 44 668 18 00", NOW_US).await.unwrap();
        assert_eq!((phone.masked.as_str(), phone.verified_at_us), ("+********800", None));
        let verify = |code: String, now_us| {
            let (user, device) = (user.clone(), device());
            async move { phones.verify(&user, phone.id, &code, &device, now_us).await }
        };
        let code = world.texts.to(NUMBER).pop().unwrap();
        assert_eq!(refusal(verify(other_than(&code).to_owned(), NOW_US).await), Refusal::Code);
        phones.add(&user, NUMBER, NOW_US).await.unwrap();
        let newer = world.texts.to(NUMBER).pop().unwrap();
        if newer != code {
            assert_eq!(refusal(verify(code, NOW_US).await), Refusal::Code, "void");
        }
        assert_eq!(refusal(verify(newer, NOW_US + 10 * MINUTE_US).await), Refusal::Code, "too late");
        phones.add(&user, NUMBER, NOW_US + 20 * MINUTE_US).await.unwrap();
        let newest = world.texts.to(NUMBER).pop().unwrap();
        assert!(verify(newest.clone(), NOW_US + 20 * MINUTE_US).await.unwrap().verified_at_us.is_some());
        assert_eq!(world.people.users.by_id(user.id).await.unwrap().unwrap().level, 2);
        assert_eq!(refusal(verify(newest, NOW_US + 20 * MINUTE_US).await), Refusal::Code, "used");
        phones.remove(user.id, phone.id, NOW_US).await.unwrap();
        assert_eq!(refusal(phones.remove(user.id, phone.id, NOW_US).await), Refusal::NotFound);
        assert_eq!(world.people.users.by_id(user.id).await.unwrap().unwrap().level, 1);
    }

    async fn codes_are_not_guessed(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let phones = &world.people.phones;
        let phone = phones.add(&user, NUMBER, NOW_US).await.unwrap();
        let code = world.texts.to(NUMBER).pop().unwrap();
        for _ in 0..5 {
            assert_eq!(refusal(phones.verify(&user, phone.id, other_than(&code), &device(), NOW_US).await), Refusal::Code);
        }
        let locked = refusal(phones.verify(&user, phone.id, &code, &device(), NOW_US).await);
        assert!(matches!(locked, Refusal::TooManyAttempts { .. }), "the right one, too: {locked:?}");
    }

    async fn messages_and_phones_are_counted(test: &TestDb) {
        let world = World::start(test).await;
        let (alice, bob) = (world.member("alice@example.com").await, world.member("bob@example.com").await);
        let phones = &world.people.phones;
        for _ in 0..5 {
            phones.add(&alice, NUMBER, NOW_US).await.unwrap();
        }
        assert!(matches!(refusal(phones.add(&alice, NUMBER, NOW_US).await), Refusal::TooManyAttempts { .. }));
        assert!(matches!(refusal(phones.add(&bob, NUMBER, NOW_US).await), Refusal::TooManyAttempts { .. }), "nor another user");
        assert_eq!(world.texts.to(NUMBER).len(), 5);
        let later_us = NOW_US + 120 * MINUTE_US;
        for number in 0..MAX_PHONES {
            phones.add(&bob, &format!("+4144668190{number}"), later_us).await.unwrap();
        }
        let latest_us = later_us + 120 * MINUTE_US;
        assert_eq!(refusal(phones.add(&bob, "+41446681910", latest_us).await), Refusal::TooManyPhones);
        assert_eq!(refusal(phones.add(&bob, "no number", latest_us).await), Refusal::Phone);
    }

    async fn a_number_belongs_to_one_user_and_codes_to_one_phone(test: &TestDb) {
        let world = World::start(test).await;
        let (alice, bob) = (world.member("alice@example.com").await, world.member("bob@example.com").await);
        let phones = &world.people.phones;
        let hers = phones.add(&alice, NUMBER, NOW_US).await.unwrap();
        let her_code = world.texts.to(NUMBER).pop().unwrap();
        let his = phones.add(&bob, NUMBER, NOW_US).await.unwrap();
        let his_code = world.texts.to(NUMBER).pop().unwrap();
        assert_eq!(refusal(phones.verify(&bob, hers.id, &her_code, &device(), NOW_US).await), Refusal::NotFound);
        phones.verify(&alice, hers.id, &her_code, &device(), NOW_US).await.unwrap();
        assert_eq!(refusal(phones.verify(&bob, his.id, &his_code, &device(), NOW_US).await), Refusal::PhoneTaken);
        assert_eq!(refusal(phones.remove(bob.id, hers.id, NOW_US).await), Refusal::NotFound);
        assert_eq!(phones.list(alice.id).await.unwrap().len(), 1);
        assert_eq!(world.people.users.by_id(bob.id).await.unwrap().unwrap().level, 1);
    }
}
