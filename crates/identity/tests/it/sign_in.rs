//! Signing in, and guessing.

use db::page::{Keyset, Limit, Order};
use identity::ports::{Device, News};
use identity::{Filter, Refusal};

use super::api_keys::{NOW_US, execute};
use super::world::{PASSWORD, World, device, device_at, email, refusal, secret, settings};

const MINUTE_US: u64 = 60 * 1_000_000;

db::on_each_database! {
    async fn a_session_begins_with_the_right_password_alone(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        assert_eq!(refusal(world.sign_in("alice@example.com", "seven small giraffes", None, &device(), NOW_US).await), Refusal::SignIn);
        let entered = world.enter("alice@example.com", NOW_US).await;
        let caller = world.people.sign_in.authenticate(entered.access.token.expose(), NOW_US).await.unwrap();
        assert_eq!((caller.user.id, caller.sid.as_str(), caller.amr), (user.id, entered.session.sid.as_str(), vec!["pwd".to_owned()]));
    }

    async fn an_unknown_address_costs_a_hash_and_gets_the_same_answer(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let mut answers = Vec::new();
        for address in ["alice@example.com", "nobody@example.com"] {
            let before = world.people.passwords.hashes();
            let error = world.sign_in(address, "seven small giraffes", None, &device(), NOW_US).await.unwrap_err();
            answers.push((error.to_string(), world.people.passwords.hashes() - before));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].1, 1);
        // Both are in the log.
        let keyset = Keyset { after: None, limit: Limit::clamp(None, 10), order: Order::Descending };
        let filter = Filter { topic: Some("session".into()), ..Filter::default() };
        let log = world.people.activity.page(&filter, &keyset).await.unwrap().items;
        assert!(log.len() == 2 && log.iter().all(|entry| entry.result == "failed"), "{log:?}");
    }

    async fn guessing_locks_known_and_unknown_alike(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let mut seen = Vec::new();
        for address in ["alice@example.com", "nobody@example.com"] {
            let mut answers = Vec::new();
            for attempt in 0..7 {
                let from = device_at(&format!("198.51.100.{attempt}"));
                answers.push(refusal(world.sign_in(address, "seven small giraffes", None, &from, NOW_US).await));
            }
            let before = world.people.passwords.hashes();
            // The right password is refused as well, and not even looked at.
            answers.push(refusal(world.sign_in(address, PASSWORD, None, &device(), NOW_US).await));
            assert_eq!(world.people.passwords.hashes(), before);
            seen.push(answers);
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0][..5], [Refusal::SignIn; 5]);
        assert_eq!(seen[0][5..], [Refusal::TooManyAttempts { until_us: NOW_US + MINUTE_US }; 3]);
        assert_eq!(world.letters.names("alice@example.com"), ["verify-email", "locked"], "told once");
        world.enter("alice@example.com", NOW_US + MINUTE_US).await;
    }

    async fn locks_grow_in_all_processes_together(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let other = World::process(test, &settings()).await;
        let mut now_us = NOW_US;
        for minutes in [1, 2, 4] {
            for attempt in 0..5 {
                let process = if attempt % 2 == 0 { &world } else { &other };
                let answer = process.sign_in("alice@example.com", "seven small giraffes", None, &device(), now_us).await;
                assert_eq!(refusal(answer), Refusal::SignIn);
            }
            let until_us = now_us + minutes * MINUTE_US;
            let answer = other.sign_in("alice@example.com", PASSWORD, None, &device(), now_us).await;
            assert_eq!(refusal(answer), Refusal::TooManyAttempts { until_us });
            now_us = until_us;
        }
    }

    /// A thousand guesses at once find no more open doors than one after the other.
    async fn guesses_at_the_same_moment_are_counted(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let before = world.people.passwords.hashes();
        let from = device();
        let guesses = (0..30).map(|_| world.sign_in("alice@example.com", "seven small giraffes", None, &from, NOW_US));
        let answers = futures_util::future::join_all(guesses).await;
        let wrong = answers.into_iter().map(refusal).filter(|answer| *answer == Refusal::SignIn).count();
        assert_eq!(wrong, 5);
        assert_eq!(world.people.passwords.hashes() - before, 5);
    }

    async fn one_address_that_tries_many_users_is_locked_and_success_does_not_pay_for_it(test: &TestDb) {
        let mut settings = settings();
        settings.lockout.attempts_per_address = 10;
        World::start(test).await.member("alice@example.com").await;
        let world = World::process(test, &settings).await;
        // The two that the sign-up cost were paid at the address of `device()`.
        let from = device_at("198.51.100.1");
        for attempt in 0..9 {
            let address = format!("user{attempt}@example.com");
            assert_eq!(refusal(world.sign_in(&address, PASSWORD, None, &from, NOW_US).await), Refusal::SignIn);
            world.sign_in("alice@example.com", PASSWORD, None, &from, NOW_US).await.unwrap();
        }
        assert_eq!(refusal(world.sign_in("user9@example.com", PASSWORD, None, &from, NOW_US).await), Refusal::SignIn);
        let locked = refusal(world.sign_in("alice@example.com", PASSWORD, None, &from, NOW_US).await);
        assert!(matches!(locked, Refusal::TooManyAttempts { .. }), "{locked:?}");
        world.sign_in("alice@example.com", PASSWORD, None, &device_at("198.51.100.2"), NOW_US).await.unwrap();
        // Of IPv6, a network of 64 bits is one.
        for attempt in 0..10 {
            let from = device_at(&format!("2001:db8::{attempt:x}"));
            world.sign_in(&format!("six{attempt}@example.com"), PASSWORD, None, &from, NOW_US).await.unwrap_err();
        }
        let locked = refusal(world.sign_in("alice@example.com", PASSWORD, None, &device_at("2001:db8::ffff"), NOW_US).await);
        assert!(matches!(locked, Refusal::TooManyAttempts { .. }), "{locked:?}");
        world.sign_in("alice@example.com", PASSWORD, None, &device_at("2001:db8:0:1::1"), NOW_US).await.unwrap();
    }

    async fn a_password_hashed_in_an_old_way_is_hashed_again(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let mut settings = settings();
        settings.passwords.passes = 2;
        let newer = World::process(test, &settings).await;
        for hashes in [2, 1] {
            let before = newer.people.passwords.hashes();
            newer.enter("alice@example.com", NOW_US).await;
            assert_eq!(newer.people.passwords.hashes() - before, hashes);
        }
    }

    async fn a_new_device_is_told_and_a_known_one_is_not(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let (phone, home) = (Device::new("198.51.100.7".parse().unwrap(), "phone"), Device::new("192.0.2.99".parse().unwrap(), "Mozilla/5.0 (test)"));
        for (device, letters) in [(device(), 0), (device(), 0), (home, 0), (phone.clone(), 1), (phone, 1)] {
            world.sign_in("alice@example.com", PASSWORD, None, &device, NOW_US).await.unwrap();
            let told = world.letters.to("alice@example.com").into_iter().filter(|news| matches!(news, News::NewDevice { .. })).count();
            assert_eq!(told, letters, "{device}");
        }
    }

    async fn a_new_password_ends_sessions_and_locks(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let before = world.enter("alice@example.com", NOW_US).await;
        for _ in 0..6 {
            world.sign_in("alice@example.com", "seven small giraffes", None, &device(), NOW_US).await.unwrap_err();
        }
        let people = &world.people;
        people.resets.request(&email("alice@example.com"), &device(), NOW_US).await.unwrap();
        let token = world.token("alice@example.com");
        let new = "nine quiet hedgehogs sleep";
        assert_eq!(refusal(people.resets.reset(&token, &secret("alice@example.com"), &device(), NOW_US).await), Refusal::PasswordWeak);
        people.resets.reset(&token, &secret(new), &device(), NOW_US).await.unwrap();
        assert_eq!(refusal(people.resets.reset(&token, &secret(PASSWORD), &device(), NOW_US).await), Refusal::Token, "used");
        assert_eq!(refusal(people.sign_in.authenticate(before.access.token.expose(), NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(people.sign_in.refresh(&before.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await), Refusal::SignIn);
        world.sign_in("alice@example.com", new, None, &device(), NOW_US).await.unwrap();
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"password-changed"));
    }

    async fn who_knows_the_password_changes_it_and_keeps_his_session(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let (mine, other) = (world.enter("alice@example.com", NOW_US).await, world.enter("alice@example.com", NOW_US).await);
        let (wrong, right, new) = (secret("seven small giraffes"), secret(PASSWORD), secret("nine quiet hedgehogs sleep"));
        let resets = &world.people.resets;
        let sid = &mine.session.sid;
        assert_eq!(refusal(resets.change(&user, sid, (&wrong, &new), &device(), NOW_US).await), Refusal::SignIn);
        assert_eq!(refusal(resets.change(&user, sid, (&right, &secret("password1")), &device(), NOW_US).await), Refusal::PasswordWeak);
        resets.change(&user, sid, (&right, &new), &device(), NOW_US).await.unwrap();
        world.people.sign_in.authenticate(mine.access.token.expose(), NOW_US).await.unwrap();
        assert_eq!(refusal(world.people.sign_in.authenticate(other.access.token.expose(), NOW_US).await), Refusal::SessionEnded);
        for _ in 0..5 {
            resets.change(&user, sid, (&wrong, &new), &device(), NOW_US).await.unwrap_err();
        }
        assert!(matches!(refusal(resets.change(&user, sid, (&new, &right), &device(), NOW_US).await), Refusal::TooManyAttempts { .. }));
    }

    async fn a_stored_password_that_is_none_is_an_error_not_a_hole(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        execute(test, "UPDATE identity_users SET password_hash = ''").await;
        let error = world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await.unwrap_err();
        assert!(!error.is_callers_fault(), "{error}");
        execute(test, "UPDATE identity_users SET password_hash = NULL").await;
        assert_eq!(refusal(world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await), Refusal::SignIn);
    }
}
