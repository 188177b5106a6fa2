//! Authenticators and recovery codes.

use identity::ports::News;
use identity::{Amr, RECOVERY_CODES, Refusal, User};
use runtime::secrets::Secret;
use totp_rs::{Algorithm, Builder};

use super::api_keys::{NOW_US, execute};
use super::world::{PASSWORD, World, device, refusal, settings};

const STEP_US: u64 = 30 * 1_000_000;

/// What an authenticator shows.
fn code(secret: &Secret<String>, now_us: u64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.expose()).unwrap();
    let totp =
        Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).with_account_name("x").build().unwrap();
    totp.generate(now_us / 1_000_000).to_string()
}

/// A user whose authenticator is on since a minute.
async fn enrolled(world: &World, address: &str) -> (User, Secret<String>, Vec<Secret<String>>) {
    let user = world.member(address).await;
    let secret = world.people.totp.enrol(user.id, NOW_US - 2 * STEP_US).await.unwrap().secret;
    let codes =
        world.people.totp.confirm(user.id, &code(&secret, NOW_US - 2 * STEP_US), NOW_US - 2 * STEP_US).await.unwrap();
    (user, secret, codes)
}

db::on_each_database! {
    async fn it_is_on_when_the_first_code_was_shown(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let totp = &world.people.totp;
        assert_eq!(refusal(totp.confirm(user.id, "000000", NOW_US).await), Refusal::TotpOff);
        let void = totp.enrol(user.id, NOW_US).await.unwrap();
        let enrolment = totp.enrol(user.id, NOW_US).await.unwrap();
        let uri = enrolment.uri.expose();
        assert!(uri.starts_with("otpauth://totp/Rialto:alice%40example.com?") && uri.contains(enrolment.secret.expose()), "{uri}");
        assert!(!totp.is_on(user.id).await.unwrap());
        world.enter("alice@example.com", NOW_US).await;
        assert_eq!(refusal(totp.confirm(user.id, &code(&void.secret, NOW_US), NOW_US).await), Refusal::Code);
        let codes = totp.confirm(user.id, &code(&enrolment.secret, NOW_US), NOW_US).await.unwrap();
        assert_eq!(codes.iter().map(|code| code.expose().clone()).collect::<std::collections::HashSet<_>>().len(), RECOVERY_CODES);
        assert!(totp.is_on(user.id).await.unwrap());
        assert_eq!(refusal(totp.enrol(user.id, NOW_US).await), Refusal::TotpOn);
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"totp-on"));
        let labels = world.people.labels.list(user.id).await.unwrap();
        assert!(labels.iter().any(|label| label.key == "otp" && label.value == "enabled"));
        assert_eq!(refusal(world.sign_in("alice@example.com", PASSWORD, None, &device(), NOW_US).await), Refusal::CodeNeeded);
        let later_us = NOW_US + STEP_US;
        let entered = world.sign_in("alice@example.com", PASSWORD, Some(&code(&enrolment.secret, later_us)), &device(), later_us).await.unwrap();
        assert_eq!(entered.session.amr, ["pwd", "otp"]);
        // Who does not know the password learns nothing of the authenticator.
        assert_eq!(refusal(world.sign_in("alice@example.com", "wrong password", Some("000000"), &device(), later_us).await), Refusal::SignIn);
    }

    async fn a_code_is_good_a_step_around_its_time_and_once(test: &TestDb) {
        let world = World::start(test).await;
        let (user, secret, _) = enrolled(&world, "alice@example.com").await;
        let totp = &world.people.totp;
        // The one that turned it on.
        assert_eq!(refusal(totp.verify(&user, &code(&secret, NOW_US - 2 * STEP_US), NOW_US - STEP_US).await), Refusal::Code);
        for early in [code(&secret, NOW_US + 2 * STEP_US), code(&secret, NOW_US - 2 * STEP_US)] {
            assert_eq!(refusal(totp.verify(&user, &early, NOW_US).await), Refusal::Code);
        }
        assert_eq!(totp.verify(&user, &code(&secret, NOW_US - STEP_US), NOW_US).await.unwrap(), Amr::Otp);
        totp.verify(&user, &code(&secret, NOW_US), NOW_US).await.unwrap();
        assert_eq!(refusal(totp.verify(&user, &code(&secret, NOW_US), NOW_US).await), Refusal::Code, "used");
        totp.verify(&user, &code(&secret, NOW_US + STEP_US), NOW_US).await.unwrap();
        assert_eq!(refusal(totp.verify(&user, &code(&secret, NOW_US), NOW_US).await), Refusal::Code, "before one that was used");
        let other = World::process(test, &settings()).await;
        assert_eq!(refusal(other.people.totp.verify(&user, &code(&secret, NOW_US + STEP_US), NOW_US).await), Refusal::Code);
    }

    async fn two_requests_with_one_code_do_not_both_pass(test: &TestDb) {
        let (world, other) = (World::start(test).await, World::process(test, &settings()).await);
        let (user, secret, recovery) = enrolled(&world, "alice@example.com").await;
        for round in 0..5 {
            let now_us = NOW_US + round * STEP_US;
            let code = code(&secret, now_us);
            let both = tokio::join!(world.people.totp.verify(&user, &code, now_us), other.people.totp.verify(&user, &code, now_us));
            assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
            let code = recovery[usize::try_from(round).unwrap()].expose();
            let both = tokio::join!(world.people.totp.verify(&user, code, now_us), other.people.totp.verify(&user, code, now_us));
            assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
        }
    }

    async fn guessing_codes_is_locked(test: &TestDb) {
        let world = World::start(test).await;
        let (user, secret, _) = enrolled(&world, "alice@example.com").await;
        let right = code(&secret, NOW_US);
        let mut guesses = 0;
        for guess in (0..100_000).map(|guess| format!("{guess:06}")).filter(|guess| *guess != right) {
            let later = [code(&secret, NOW_US - STEP_US), code(&secret, NOW_US + STEP_US)];
            if later.contains(&guess) {
                continue;
            }
            match refusal(world.sign_in("alice@example.com", PASSWORD, Some(&guess), &device(), NOW_US).await) {
                Refusal::Code => guesses += 1,
                refused => {
                    assert!(matches!(refused, Refusal::TooManyAttempts { .. }), "{refused:?}");
                    break;
                }
            }
        }
        assert_eq!(guesses, 5);
        assert!(matches!(refusal(world.people.totp.verify(&user, &right, NOW_US).await), Refusal::TooManyAttempts { .. }), "the right one, too");
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"locked"));
    }

    async fn a_recovery_code_serves_once_however_it_is_typed(test: &TestDb) {
        let world = World::start(test).await;
        let (user, _, recovery) = enrolled(&world, "alice@example.com").await;
        let (bob, _, _) = enrolled(&world, "bob@example.com").await;
        let first = recovery[0].expose();
        assert_eq!(refusal(world.people.totp.verify(&bob, first, NOW_US).await), Refusal::Code, "another's");
        let entered = world.sign_in("alice@example.com", PASSWORD, Some(first), &device(), NOW_US).await.unwrap();
        assert_eq!(entered.session.amr, ["pwd", "kba"]);
        assert!(matches!(world.letters.to("alice@example.com").pop(), Some(News::RecoveryCodeUsed { left: 9 })));
        assert_eq!(refusal(world.people.totp.verify(&user, first, NOW_US).await), Refusal::Code, "used");
        let typed = recovery[1].expose().to_uppercase().replace('-', " ");
        assert_eq!(world.people.totp.verify(&user, &typed, NOW_US).await.unwrap(), Amr::Recovery);
        for wrong in ["", "abcd", "1234567", &"a".repeat(10_000), "ääää-ääää-ääää-ääää"] {
            assert_eq!(refusal(world.people.totp.verify(&user, wrong, NOW_US + 3_600 * 1_000_000).await), Refusal::Code, "{wrong}");
        }
    }

    async fn recovery_codes_are_renewed_and_it_is_disabled_with_a_code_alone(test: &TestDb) {
        let world = World::start(test).await;
        let (user, secret, old) = enrolled(&world, "alice@example.com").await;
        let totp = &world.people.totp;
        assert_eq!(refusal(totp.renew_recovery_codes(&user, "000000", NOW_US).await), Refusal::Code);
        let new = totp.renew_recovery_codes(&user, &code(&secret, NOW_US), NOW_US).await.unwrap();
        assert_eq!(refusal(totp.verify(&user, old[0].expose(), NOW_US).await), Refusal::Code);
        assert_eq!(refusal(totp.disable(&user, "000000", NOW_US).await), Refusal::Code);
        totp.disable(&user, new[0].expose(), NOW_US).await.unwrap();
        assert!(!totp.is_on(user.id).await.unwrap());
        world.enter("alice@example.com", NOW_US).await;
        assert_eq!(world.letters.names("alice@example.com").last(), Some(&"totp-off"));
        assert!(!world.people.labels.list(user.id).await.unwrap().iter().any(|label| label.key == "otp"));
        assert_eq!(refusal(totp.verify(&user, new[1].expose(), NOW_US).await), Refusal::TotpOff);
    }

    async fn secrets_are_sealed_and_bound_to_their_user(test: &TestDb) {
        let world = World::start(test).await;
        let (alice, _, _) = enrolled(&world, "alice@example.com").await;
        let (bob, secret, _) = enrolled(&world, "bob@example.com").await;
        execute(test, &format!("UPDATE identity_totp SET sealed_secret = (SELECT sealed_secret FROM identity_totp WHERE user_id = {})", bob.id.0)).await;
        let error = world.people.totp.verify(&alice, &code(&secret, NOW_US), NOW_US).await.unwrap_err();
        assert!(!error.is_callers_fault(), "{error}");
        world.people.totp.verify(&bob, &code(&secret, NOW_US), NOW_US).await.unwrap();
    }
}
