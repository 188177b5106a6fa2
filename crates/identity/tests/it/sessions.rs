//! Sessions: refreshed, ended, stolen.

use identity::Refusal;

use super::api_keys::{NOW_US, execute};
use super::world::{PASSWORD, World, device, device_at, refusal, secret, settings};

const HOUR_US: u64 = 3_600 * 1_000_000;

db::on_each_database! {
    async fn a_session_goes_on_by_refreshing(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        let mut refresh = entered.refresh;
        for round in 1..5 {
            let now_us = NOW_US + round * HOUR_US;
            let next = world.people.sign_in.refresh(&refresh, &device_at("198.51.100.1"), now_us).await.unwrap();
            assert_eq!(next.session.sid, entered.session.sid);
            assert_ne!(next.refresh.expose(), refresh.expose());
            world.people.sign_in.authenticate(next.access.token.expose(), now_us).await.unwrap();
            refresh = next.refresh;
        }
        let list = world.people.sessions.list(entered.user.id, NOW_US + 5 * HOUR_US).await.unwrap();
        assert_eq!((list.len(), list[0].last_used_at_us, list[0].ip.as_str()), (1, NOW_US + 4 * HOUR_US, "198.51.100.1"));
    }

    /// A refresh token that two hold is stolen: the second use of it ends what the first one got.
    async fn a_token_used_twice_ends_the_whole_session(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let (entered, other) = (world.enter("alice@example.com", NOW_US).await, world.enter("alice@example.com", NOW_US).await);
        let sign_in = &world.people.sign_in;
        let thief = sign_in.refresh(&entered.refresh, &device(), NOW_US).await.unwrap();
        let further = sign_in.refresh(&thief.refresh, &device(), NOW_US).await.unwrap();
        assert_eq!(refusal(sign_in.refresh(&entered.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(sign_in.refresh(&further.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
        assert_eq!(refusal(sign_in.authenticate(further.access.token.expose(), NOW_US).await), Refusal::SessionEnded, "at once");
        assert_eq!(world.letters.names("alice@example.com"), ["verify-email", "session-stolen"], "told once");
        // Other sessions of the user are other families.
        sign_in.authenticate(other.access.token.expose(), NOW_US).await.unwrap();
    }

    async fn a_token_used_twice_at_once_ends_the_session(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        for _ in 0..10 {
            let entered = world.enter("alice@example.com", NOW_US).await;
            let (sign_in, device) = (&world.people.sign_in, device());
            let both = tokio::join!(
                sign_in.refresh(&entered.refresh, &device, NOW_US),
                sign_in.refresh(&entered.refresh, &device, NOW_US)
            );
            let won = [both.0, both.1].into_iter().filter_map(Result::ok).collect::<Vec<_>>();
            assert!(won.len() <= 1);
            for one in won {
                assert_eq!(refusal(sign_in.refresh(&one.refresh, &device, NOW_US).await), Refusal::SessionEnded);
            }
            assert_eq!(refusal(sign_in.authenticate(entered.access.token.expose(), NOW_US).await), Refusal::SessionEnded);
        }
    }

    async fn sessions_end_when_idle_and_when_old(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let sign_in = &world.people.sign_in;
        let idle = world.enter("alice@example.com", NOW_US).await;
        assert_eq!(refusal(sign_in.refresh(&idle.refresh, &device(), NOW_US + 72 * HOUR_US).await), Refusal::SessionEnded);
        let mut refresh = world.enter("alice@example.com", NOW_US).await.refresh;
        for hours in (48..720).step_by(48) {
            refresh = sign_in.refresh(&refresh, &device(), NOW_US + hours * HOUR_US).await.unwrap().refresh;
        }
        let last = sign_in.refresh(&refresh, &device(), NOW_US + 720 * HOUR_US - 60_000_000).await.unwrap();
        assert_eq!(last.access.expires_at_us, NOW_US + 720 * HOUR_US, "an access token does not outlive its session");
        assert_eq!(refusal(sign_in.refresh(&last.refresh, &device(), NOW_US + 720 * HOUR_US).await), Refusal::SessionEnded);
    }

    /// Session fixation: a name that somebody knew before a sign-in is worth nothing after it.
    async fn every_sign_in_has_a_new_name(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let mut names = std::collections::HashSet::new();
        for _ in 0..5 {
            assert!(names.insert(world.enter("alice@example.com", NOW_US).await.session.sid));
        }
        let other = world.people.sign_in.complete(user.id, &[identity::Amr::Wallet], &device(), NOW_US).await.unwrap();
        assert!(names.insert(other.session.sid) && other.session.amr == ["swk"]);
    }

    async fn one_others_and_all_are_ended(test: &TestDb) {
        let world = World::start(test).await;
        let (alice, bob) = (world.member("alice@example.com").await, world.member("bob@example.com").await);
        let mut entered = Vec::new();
        for now_us in NOW_US..NOW_US + 4 {
            entered.push(world.enter("alice@example.com", now_us).await);
        }
        let of_bob = world.enter("bob@example.com", NOW_US).await;
        let sessions = &world.people.sessions;
        let sids = |list: &[identity::SessionInfo]| list.iter().map(|one| one.sid.clone()).collect::<Vec<_>>();
        let mine: Vec<_> = entered.iter().rev().map(|one| one.session.sid.clone()).collect();
        assert_eq!(sids(&sessions.list(alice.id, NOW_US).await.unwrap()), mine);
        assert!(!sessions.end(bob.id, &mine[0], NOW_US).await.unwrap(), "of another user");
        assert!(sessions.end(alice.id, &mine[0], NOW_US).await.unwrap());
        assert!(!sessions.end(alice.id, &mine[0], NOW_US).await.unwrap(), "twice");
        assert_eq!(sessions.end_all(alice.id, Some(&mine[1]), NOW_US).await.unwrap(), 2);
        assert_eq!(sids(&sessions.list(alice.id, NOW_US).await.unwrap()), [mine[1].clone()]);
        assert_eq!(sessions.end_all(alice.id, None, NOW_US).await.unwrap(), 1);
        for one in &entered {
            assert_eq!(refusal(world.people.sign_in.authenticate(one.access.token.expose(), NOW_US).await), Refusal::SessionEnded);
            assert_eq!(refusal(world.people.sign_in.refresh(&one.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
        }
        world.people.sign_in.authenticate(of_bob.access.token.expose(), NOW_US).await.unwrap();
    }

    async fn one_more_than_may_be_ends_the_one_that_was_quiet_the_longest(test: &TestDb) {
        World::start(test).await.member("alice@example.com").await;
        let mut settings = settings();
        settings.sessions_per_user = 2;
        let world = World::process(test, &settings).await;
        let first = world.enter("alice@example.com", NOW_US).await;
        let second = world.enter("alice@example.com", NOW_US + 1).await;
        let first = world.people.sign_in.refresh(&first.refresh, &device(), NOW_US + 2).await.unwrap();
        let third = world.enter("alice@example.com", NOW_US + 3).await;
        let sign_in = &world.people.sign_in;
        assert_eq!(refusal(sign_in.authenticate(second.access.token.expose(), NOW_US + 3).await), Refusal::SessionEnded);
        for one in [&first, &third] {
            sign_in.authenticate(one.access.token.expose(), NOW_US + 3).await.unwrap();
        }
    }

    /// Requests keep the session busy while it is ended: none of them may bring it back into memory.
    async fn a_session_ended_under_load_stays_ended(test: &TestDb) {
        let world = std::sync::Arc::new(World::start(test).await);
        let user = world.member("alice@example.com").await;
        for _ in 0..10 {
            let entered = world.enter("alice@example.com", NOW_US).await;
            let mut requests = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let (world, token) = (world.clone(), entered.access.token.clone());
                requests.spawn(async move {
                    while world.people.sign_in.authenticate(token.expose(), NOW_US).await.is_ok() {
                        tokio::task::yield_now().await;
                    }
                });
            }
            tokio::task::yield_now().await;
            assert!(world.people.sessions.end(user.id, &entered.session.sid, NOW_US).await.unwrap());
            world.people.sign_in.authenticate(entered.access.token.expose(), NOW_US).await.unwrap_err();
            requests.join_all().await;
            world.people.sign_in.authenticate(entered.access.token.expose(), NOW_US).await.unwrap_err();
        }
    }

    async fn what_is_no_token_is_refused(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        for wrong in ["", "x", &"A".repeat(43), &"A".repeat(100_000), &entered.session.sid, entered.access.token.expose()] {
            assert_eq!(refusal(world.people.sign_in.refresh(&secret(wrong), &device(), NOW_US).await), Refusal::SessionEnded);
        }
        let changed = entered.refresh.expose().replace(&entered.refresh.expose()[..1], "_");
        assert_eq!(refusal(world.people.sign_in.refresh(&secret(&changed), &device(), NOW_US).await), Refusal::SessionEnded);
        world.people.sign_in.refresh(&entered.refresh, &device(), NOW_US).await.unwrap();
    }

    async fn old_sessions_are_deleted_and_live_ones_are_not(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        world.enter("alice@example.com", NOW_US).await;
        let later_us = NOW_US + (720 + 91 * 24) * HOUR_US;
        assert_eq!(world.people.sessions.purge(later_us - 48 * HOUR_US).await.unwrap(), 0);
        let live = world.sign_in("alice@example.com", PASSWORD, None, &device(), later_us).await.unwrap();
        assert_eq!(world.people.sessions.purge(later_us).await.unwrap(), 1);
        world.people.sign_in.refresh(&live.refresh, &device(), later_us).await.unwrap();
        world.people.purge(later_us).await.unwrap();
    }

    async fn a_session_is_refreshed_so_often_and_no_more(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        execute(test, "UPDATE identity_sessions SET rotations = 9999").await;
        let last = world.people.sign_in.refresh(&entered.refresh, &device(), NOW_US).await.unwrap();
        assert_eq!(refusal(world.people.sign_in.refresh(&last.refresh, &device(), NOW_US).await), Refusal::SessionEnded);
    }
}
