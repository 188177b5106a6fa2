//! Signing up, and what a stranger learns from it: nothing.

use identity::ports::News;
use identity::{Amr, MAX_LIVE_TOKENS, Refusal, UserState};

use super::api_keys::NOW_US;
use super::world::{PASSWORD, World, device, device_at, email, refusal, secret};

const HOUR_US: u64 = 3_600 * 1_000_000;

db::on_each_database! {
    async fn who_has_the_mailbox_gets_in(test: &TestDb) {
        let world = World::start(test).await;
        let people = &world.people;
        people.sign_up.request(&email("Alice@example.com"), &secret(PASSWORD), "de", &device(), NOW_US).await.unwrap();
        let pending = people.users.by_email(&email("alice@example.com")).await.unwrap().unwrap();
        assert_eq!((pending.state, pending.level, pending.locale.as_str()), (UserState::Pending, 0, "de"));
        assert_eq!(refusal(world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await), Refusal::EmailNotVerified);
        assert!(world.opened.accounts.lock().unwrap().is_empty(), "who is not verified costs the engine nothing");
        let token = world.token("Alice@example.com");
        let user = people.sign_up.verify(&token, &device(), NOW_US).await.unwrap();
        assert_eq!((user.state, user.level), (UserState::Active, 1));
        assert_eq!(*world.opened.accounts.lock().unwrap(), [(user.account, None)]);
        assert_eq!(refusal(people.sign_up.verify(&token, &device(), NOW_US).await), Refusal::Token, "twice");
        world.enter("ALICE@example.com", NOW_US).await;
    }

    async fn a_known_address_looks_like_an_unknown_one(test: &TestDb) {
        let world = World::start(test).await;
        let people = &world.people;
        world.member("alice@example.com").await;
        let before = people.passwords.hashes();
        for address in ["alice@example.com", "nobody@example.com"] {
            let hashes = people.passwords.hashes();
            people.sign_up.request(&email(address), &secret(PASSWORD), "en", &device(), NOW_US).await.unwrap();
            assert_eq!(people.passwords.hashes() - hashes, 1, "{address}");
        }
        assert_eq!(people.passwords.hashes() - before, 2);
        assert_eq!(world.letters.names("alice@example.com"), ["verify-email", "already-registered"]);
        assert_eq!(world.letters.names("nobody@example.com"), ["verify-email"]);
        // The member's password is still the old one.
        world.enter("alice@example.com", NOW_US).await;
        for address in ["alice@example.com", "nobody@example.com", "unknown@example.com"] {
            people.sign_up.resend(&email(address), &device(), NOW_US).await.unwrap();
            people.resets.request(&email(address), &device(), NOW_US).await.unwrap();
        }
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"reset-password"));
        assert_eq!(world.letters.names("nobody@example.com"), ["verify-email", "verify-email"]);
        assert!(world.letters.names("unknown@example.com").is_empty());
    }

    /// Somebody signs up a stranger's address with a password of his own, and waits for the stranger to sign up and follow a letter.
    async fn a_letter_verifies_the_password_that_was_chosen_with_it(test: &TestDb) {
        let world = World::start(test).await;
        let sign_up = &world.people.sign_up;
        let (theirs, mine) = ("the intruder waits here", "my own four words");
        sign_up.request(&email("alice@example.com"), &secret(theirs), "en", &device_at("198.51.100.1"), NOW_US).await.unwrap();
        sign_up.request(&email("alice@example.com"), &secret(mine), "en", &device(), NOW_US).await.unwrap();
        let letter = world.token("alice@example.com");
        sign_up.request(&email("alice@example.com"), &secret(theirs), "en", &device_at("198.51.100.1"), NOW_US).await.unwrap();
        sign_up.verify(&letter, &device(), NOW_US).await.unwrap();
        world.sign_in("alice@example.com", mine, None, &device(), NOW_US).await.unwrap();
        assert_eq!(refusal(world.sign_in("alice@example.com", theirs, None, &device(), NOW_US).await), Refusal::SignIn);
        let intruder = world.token("alice@example.com");
        assert_eq!(refusal(sign_up.verify(&intruder, &device(), NOW_US).await), Refusal::Token, "the others are void");
    }

    async fn tokens_expire_are_bounded_and_serve_one_purpose(test: &TestDb) {
        let world = World::start(test).await;
        let people = &world.people;
        let address = email("alice@example.com");
        people.sign_up.request(&address, &secret(PASSWORD), "en", &device(), NOW_US).await.unwrap();
        let first = world.token("alice@example.com");
        assert_eq!(refusal(people.sign_up.verify(&first, &device(), NOW_US + 24 * HOUR_US).await), Refusal::Token, "expired");
        for _ in 0..MAX_LIVE_TOKENS {
            people.sign_up.resend(&address, &device(), NOW_US).await.unwrap();
        }
        assert_eq!(refusal(people.sign_up.verify(&first, &device(), NOW_US).await), Refusal::Token, "too old");
        let reset = people.resets.reset(&world.token("alice@example.com"), &secret("another good one here"), &device(), NOW_US).await;
        assert_eq!(refusal(reset), Refusal::Token, "of another purpose");
        for wrong in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
            assert_eq!(refusal(people.sign_up.verify(&secret(wrong), &device(), NOW_US).await), Refusal::Token);
        }
        people.sign_up.verify(&world.token("alice@example.com"), &device(), NOW_US + HOUR_US).await.unwrap();
    }

    async fn nobody_floods_a_mailbox(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        for attempt in 0..20 {
            let from = device_at(&format!("198.51.100.{attempt}"));
            world.people.resets.request(&email("alice@example.com"), &from, NOW_US).await.unwrap();
        }
        assert_eq!(world.letters.names("alice@example.com").len(), 5);
    }

    async fn one_token_used_twice_at_once_serves_once(test: &TestDb) {
        let world = World::start(test).await;
        let sign_up = &world.people.sign_up;
        for round in 0..10 {
            let address = format!("user{round}@example.com");
            sign_up.request(&email(&address), &secret(PASSWORD), "en", &device_at(&format!("198.51.100.{round}")), NOW_US).await.unwrap();
            let (token, device) = (world.token(&address), device());
            let (first, second) = tokio::join!(sign_up.verify(&token, &device, NOW_US), sign_up.verify(&token, &device, NOW_US));
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        }
    }

    async fn what_is_stored_of_tokens_and_passwords_gives_none_away(test: &TestDb) {
        use sea_orm::{ConnectionTrait, Statement};
        let world = World::start(test).await;
        world.people.sign_up.request(&email("alice@example.com"), &secret(PASSWORD), "en", &device(), NOW_US).await.unwrap();
        let token = world.token("alice@example.com");
        let read = test.db.read();
        for (sql, expected) in [
            ("SELECT hash FROM identity_tokens", 64),
            ("SELECT password_hash FROM identity_users", 0),
        ] {
            let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap().unwrap();
            let text: String = row.try_get_by_index(0).unwrap();
            assert!(!text.contains(token.expose()) && !text.contains(PASSWORD), "{text}");
            assert!(expected == 0 || text.len() == expected);
        }
        let letters = format!("{:?}", world.letters);
        assert!(!letters.contains(token.expose()), "a letter does not print its token");
    }

    async fn a_letter_is_written_only_if_the_rest_is(test: &TestDb) {
        let world = World::start(test).await;
        world.people.sign_up.request(&email("a@example.com"), &secret(PASSWORD), "en", &device(), NOW_US).await.unwrap();
        let Some(News::VerifyEmail { expires_at_us, .. }) = world.letters.to("a@example.com").pop() else {
            unreachable!("the letter of a sign-up verifies the address");
        };
        assert_eq!(expires_at_us, NOW_US + 24 * HOUR_US);
        assert_eq!(Amr::Password.name(), "pwd");
    }
}
